from snakemake.utils import min_version

min_version("9.27")


configfile: "config/config.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/verify.smk"
include: "workflow/rules/panels.smk"
include: "workflow/rules/assess.smk"
include: "workflow/rules/duration.smk"
include: "workflow/rules/models.smk"
include: "workflow/rules/histories.smk"
include: "workflow/rules/fragmentation.smk"
include: "workflow/rules/overlap.smk"
include: "workflow/rules/network.smk"
include: "workflow/rules/claims.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/notebooks.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/checks.smk"
include: "workflow/rules/validation.smk"


rule all:
    default_target: True
    input:
        f"{RESULTS}/report/report.html",
        f"{RESULTS}/report/explorer.html",
        f"{RESULTS}/MANIFEST.sha256",

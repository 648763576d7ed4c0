"""Networks and composition: who is in coalitions with whom, how large they are, how alike their members.

Inputs: panels, the register's states, members of organisations and published counts. Outputs: results/fragmentation.
"""


rule estimate_network:
    input:
        operations=f"{RESULTS}/panels/operations.csv",
        spells=f"{RESULTS}/panels/spells.csv",
        memberships=f"{RESULTS}/panels/memberships.csv",
        states=f"{RAW}/states.csv",
        organisation_members=f"{RAW}/organisation_members.csv",
        published_counts=f"{RAW}/published_counts.csv",
        schema=project("workflow/schemas/register.yaml"),
        panels=project("workflow/schemas/panels.yaml"),
        code=code("estimate_network"),
    output:
        network_years=f"{RESULTS}/fragmentation/network_years.csv",
        network_states=f"{RESULTS}/fragmentation/network_states.csv",
        most_active=f"{RESULTS}/fragmentation/most_active.csv",
        composition=f"{RESULTS}/fragmentation/composition.csv",
        likeness=f"{RESULTS}/fragmentation/likeness.csv",
        likeness_coalitions=f"{RESULTS}/fragmentation/likeness_coalitions.csv",
    log:
        f"{RESULTS}/logs/estimate_network.log",
    conda:
        "../../envs/coalitions.yaml"
    params:
        study={
            key: config[key]
            for key in (
                "scopes",
                "survival",
                "fragmentation",
                "confidence",
                "cutoff",
                "first_year",
                "seed",
            )
        },
    script:
        "../scripts/estimate_network.py"

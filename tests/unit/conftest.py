"""One tiny register without a fault, and the panels that are built from it.

Six operations: a coalition and its younger name, a coalition with a former state and an unknown end, a UN operation, a regional one that takes over from it, and a
coalition that never deployed.
"""

import copy
import io
from pathlib import Path

import pandas as pd
import pytest
import yaml

from coalitions import build
from coalitions.schema import published_tables

ROOT = Path(__file__).resolve().parents[2]
CUTOFF = pd.Timestamp("2026-06-30")
RULES = {"strict": "deployed and not nested and (military or monitoring)", "broad": "True"}

TABLES = {
    "operations": """
operation_id,name,acronym,arrangement,organisation,parent_id,predecessor_id,successor_id,triggered,trigger,requested,decided,start,end,status,ended_how,domain,military,multidimensional,un_kind,legal_basis,authorising_resolution,founding_document,contributors_peak,personnel_peak,nested,two_state,diplomatic,training_only,standing_body,io_umbrella,confidence,note
alpha-force-2001,Alpha Force,AF,ahc,,,,,2001-10,a coup,,2001-12-10,2001-12-20,2003-08-10,ended,renamed,land,1,0,,unsc,S/RES/1,resolution,3,400,0,0,0,0,0,0,high,
beta-force-2003,Beta Force,BF,ahc,,,alpha-force-2001,,,,,,2003-08-11,,ongoing,,land,1,0,,unsc,,,,,0,0,0,0,0,0,high,
gulf-watch-1987,Gulf Watch,,ahc,,,,,,,,,1987-07~,,unknown,,maritime,1,0,,self-defence,,declaration,,,0,0,0,0,0,0,low,"no end found, comma"
unmat-1999,UN Mission A,UNMAT,un,UN,,,eurofor-2002,,,,1999-10-25,1999-10-25,2002-05-20,ended,handed-over,multi,1,1,transitional-administration,unsc,S/RES/2,resolution,30,9000,0,0,0,0,0,0,high,
eurofor-2002,Euro Force,EUROFOR,regional,EU,,,,,,,,2002-05-21,2004-02,ended,completed,civilian,0,0,,host-consent,,resolution,,,0,0,0,0,0,0,medium,
paper-force-2015,Paper Force,PF,ahc,,,,,,,,2015-03-01,,,never-deployed,,land,1,0,,treaty,,treaty,,,0,1,0,0,0,0,medium,
""",
    "tasks": """
operation_id,task
alpha-force-2001,stabilisation
beta-force-2003,stabilisation
beta-force-2003,training-advice
gulf-watch-1987,maritime-security
unmat-1999,transitional-administration
unmat-1999,policing
eurofor-2002,policing
paper-force-2015,counterterrorism
""",
    "theatres": """
theatre,name,kind,region
AFG,Afghanistan,land,asia
TLS,Timor-Leste,land,asia
KWT,Kuwait,land,middle-east
hormuz-gulf,Gulf,sea,middle-east
""",
    "operation_theatres": """
operation_id,theatre,primary
alpha-force-2001,AFG,1
beta-force-2003,AFG,1
gulf-watch-1987,hormuz-gulf,1
gulf-watch-1987,KWT,0
unmat-1999,TLS,1
eurofor-2002,TLS,1
paper-force-2015,AFG,1
""",
    "memberships": """
operation_id,state,role,joined,left,dates,note
alpha-force-2001,FRA,lead,,,sourced,
alpha-force-2001,DEU,contributor,2002-03,2002-12-31,sourced,
alpha-force-2001,USA,supporter,,,sourced,
beta-force-2003,FRA,lead,,,sourced,
beta-force-2003,DEU,contributor,,2010-05-05,sourced,
beta-force-2003,RUS,staff-only,,,left-unknown,
beta-force-2003,USA,contributor,2010-05-06,,sourced,
gulf-watch-1987,SUHH,contributor,,,sourced,
gulf-watch-1987,USA,lead,,,sourced,
paper-force-2015,FRA,contributor,,,sourced,
paper-force-2015,DEU,contributor,,,sourced,
""",
    "states": """
state,name,iso3,iso3166_3,cow_code,gw_number,region,entry,exit,former,note
FRA,France,FRA,,220,220,europe,,,0,
DEU,Germany,DEU,,260,260,europe,1949-05-23,,0,
USA,United States,USA,,2,2,americas,,,0,
SUHH,Soviet Union,,SUHH,365,365,europe,,1991-12-25,1,
RUS,Russia,RUS,,365,365,europe,1991-12-26,,0,
XKX,Kosovo,,,,,europe,2008-02-17,,0,entity without a number
""",
    "organisation_members": """
organisation,state,joined,left,source_id,note
EU,FRA,1958-01-01,,src-official,
""",
    "vetoes": """
veto_id,date,state,draft,subject,theatre,source_id
veto-1,1980-01-07,SUHH,S/1,Afghanistan,AFG,src-un
""",
    "sources": """
source_id,author,title,publisher,year,url,kind,date_read
src-official,Ministry,Report,Ministry,2004,https://example.org/a,official,2026-11-22
src-un,UN,Document,UN,2002,,un-document,2026-11-22
src-data,Somebody,Data,,,,dataset,2026-11
""",
    "evidence": """
operation_id,field,value,source_id,note
alpha-force-2001,triggered,2001-10,src-official,
alpha-force-2001,decided,2001-12-10,src-official,
alpha-force-2001,start,2001-12-20,src-official,p. 1
alpha-force-2001,start,2001-12,src-un,
alpha-force-2001,end,2003-08-10,src-official,
alpha-force-2001,members,3,src-official,
beta-force-2003,start,2003-08-11,src-official,
beta-force-2003,members,4,src-official,
gulf-watch-1987,start,1987-07~,src-official,
gulf-watch-1987,members,2,src-official,
unmat-1999,decided,1999-10-25,src-un,
unmat-1999,start,1999-10-25,src-un,
unmat-1999,end,2002-05-20,src-un,
eurofor-2002,start,2002-05-21,src-un,
eurofor-2002,end,2004-02,src-un,
paper-force-2015,decided,2015-03-01,src-official,
paper-force-2015,members,2,src-official,
""",
    "codings": """
coder,operation_id,variable,value,coded_on
coder-a,alpha-force-2001,domain,land,2026-11-01
""",
    "corrections": """
table,key,column,expected,new,reason,source_id,decided_on
""",
    "excluded": """
name,years,kind,reason
Some Exercise,1999,not-an-operation,an exercise
""",
}


def _table(text: str) -> pd.DataFrame:
    frame = pd.read_csv(io.StringIO(text.strip() + "\n"), dtype=str, keep_default_na=False)
    frame.index = range(2, len(frame) + 2)
    return frame


def _yaml(path: str) -> dict:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def _tiny(schema) -> dict:
    """Tables of the schema that are not written out above are empty."""
    empty = {name: ",".join(field["name"] for field in table["fields"]) for name, table in schema["tables"].items()}
    return {name: _table(TABLES.get(name, header)) for name, header in empty.items()}


@pytest.fixture
def register(_tiny) -> dict:
    """The tiny register: a fresh copy for each test."""
    return {name: frame.copy() for name, frame in _tiny.items()}


@pytest.fixture(scope="session")
def schema() -> dict:
    """Content of register.yaml."""
    return _yaml("workflow/schemas/register.yaml")


@pytest.fixture(scope="session")
def panel_schema() -> dict:
    """Content of panels.yaml."""
    return _yaml("workflow/schemas/panels.yaml")


@pytest.fixture(scope="session")
def _study_files(panel_schema) -> dict:
    schemas = {name: _yaml(f"workflow/schemas/{name}.schema.yaml") for name in ("config", "claims", "multiverse")}
    return {name: _yaml(f"config/{name}.yaml") for name in ("config", "claims", "multiverse")} | {"schemas": schemas, "panels": panel_schema}


@pytest.fixture
def study_files(_study_files) -> dict:
    """Contents of the files that make a study, fresh for each test: config, claims, multiverse, schemas, panels."""
    return copy.deepcopy(_study_files)


@pytest.fixture(scope="session")
def cutoff() -> pd.Timestamp:
    """The last day observed."""
    return CUTOFF


@pytest.fixture(scope="session")
def rules() -> dict:
    """Inclusion rules of the tiny study."""
    return dict(RULES)


@pytest.fixture(scope="session")
def _panels(_tiny) -> dict:
    return build.all_panels(copy.deepcopy(_tiny), RULES, 1985, CUTOFF)


@pytest.fixture
def panels(_panels) -> dict:
    """The panels of the tiny register by name: a fresh copy for each test."""
    return {name: frame.copy() for name, frame in _panels.items()}


@pytest.fixture(scope="session")
def tables(schema, panel_schema) -> dict:
    """Published tables by path under the rules of the tiny study."""
    return published_tables(panel_schema, schema, {"scopes": RULES, "survival": {"tau_years": [1, 2.5]}})

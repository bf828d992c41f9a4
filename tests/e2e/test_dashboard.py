"""The Grafana dashboard asks for what a real server exposes, with labels that are there, and has Grafana's fields."""

import json
import re
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.harness import running_server

FILE = Path(__file__).parents[2] / "deploy" / "grafana-dashboard.json"
DASHBOARD = json.loads(FILE.read_text(encoding="utf-8"))
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
TARGETS = [(panel["title"], target) for panel in PANELS for target in panel["targets"]]
METRIC = re.compile(r"\b(?:posewire|process|python)_\w+")
GIVEN_BY_PROMETHEUS = {"instance", "job"}


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Each metric that a server exposes, with the labels that its samples have."""
    nats = ("--nats", "nats://127.0.0.1:1")  # which isn't there, and is counted all the same
    with running_server(tmp_path_factory.mktemp("server"), "--model", "lite", *nats) as server:
        with urllib.request.urlopen(server.url + "metrics") as answer:
            text = answer.read().decode()
    found: dict[str, set[str]] = {name: set() for name in re.findall(r"^# TYPE (\S+)", text, re.MULTILINE)}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    found["posewire_refused_total"].add("reason")  # of which a server has none until somebody is refused
    found["posewire_nats_frames_total"] |= {"stream", "fate"}  # until one goes out
    found["posewire_nats_clock_error_seconds"].add("node")  # but at a relay
    return found


def queries() -> list[str]:
    asked = [target["expr"] for _, target in TARGETS]
    return asked + [variable["definition"] for variable in DASHBOARD["templating"]["list"] if "definition" in variable]


def test_every_metric_is_one_that_a_server_has(labels: dict[str, set[str]]) -> None:
    asked = {name for query in queries() for name in METRIC.findall(query)}
    assert asked - set(labels) == set()
    ours = {name for name in labels if name.startswith("posewire") and not re.search("_(bucket|count|sum)$", name)}
    ours -= {name for name in ours if f"{name}_bucket" in asked}
    assert ours - asked == set()  # and nothing that is counted is left out


def test_every_label_is_one_that_the_metric_has(labels: dict[str, set[str]]) -> None:
    for query in queries():
        known = set.union(*(labels[name] for name in METRIC.findall(query))) | GIVEN_BY_PROMETHEUS
        selected = {name for braces in re.findall(r"\{([^}]*)\}", query) for name in re.findall(r"(\w+)\s*=~?", braces)}
        grouped = {name for group in re.findall(r"by \(([^)]*)\)", query) for name in group.split(", ")}
        assert selected | grouped <= known, query
    for title, target in TARGETS:
        shown = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
        grouped = {name for group in re.findall(r"by \(([^)]*)\)", target["expr"]) for name in group.split(", ")}
        assert shown <= (grouped or GIVEN_BY_PROMETHEUS), title  # what is grouped away can't be shown


def test_what_counts_up_is_asked_for_its_rate_and_quantiles_by_le() -> None:
    for query in queries():
        for name in re.findall(r"\w+_(?:total|bucket)\b", query):
            assert re.search(rf"(?:rate|increase)\({name}\{{", query), query
        assert ("histogram_quantile" in query) == ("_bucket" in query) == (" by (le" in query), query


def test_the_file_has_what_grafana_needs() -> None:
    assert {"uid", "title", "schemaVersion", "version", "time", "refresh", "templating", "panels"} <= set(DASHBOARD)
    assert "id" not in DASHBOARD  # which is of one Grafana only
    variables = {variable["name"]: variable for variable in DASHBOARD["templating"]["list"]}
    assert variables["datasource"]["type"] == "datasource"
    assert variables["datasource"]["query"] == "prometheus"
    names = set(re.findall(r"\$\{?(\w+)", " ".join([*queries(), json.dumps(PANELS)]))) - {"__rate_interval"}
    assert names == set(variables)
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    for panel in PANELS:
        assert {"title", "type", "fieldConfig", "options", "gridPos", "targets"} <= set(panel)
        assert set(panel["fieldConfig"]) == {"defaults", "overrides"}
        for source in (panel, *panel["targets"]):
            assert source["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])


def test_no_panel_covers_another() -> None:
    taken: dict[tuple[int, int], str] = {}
    for panel in DASHBOARD["panels"]:
        at: dict[str, Any] = panel["gridPos"]
        assert at["x"] + at["w"] <= 24, panel["title"]
        for x in range(at["x"], at["x"] + at["w"]):
            for y in range(at["y"], at["y"] + at["h"]):
                assert taken.setdefault((x, y), panel["title"]) == panel["title"]


def test_the_documentation_names_what_a_server_has(labels: dict[str, set[str]]) -> None:
    text = (FILE.parents[1] / "docs" / "operations.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\bposewire_[a-z_]*[a-z]", text))
    unknown = {name for name in named if name not in labels and f"{name}_bucket" not in labels} - {"posewire_photo"}
    assert unknown == set()
    ours = {re.sub("_(bucket|count|sum)$", "", name) for name in labels if name.startswith("posewire")}
    assert {name for name in ours if not name.startswith("posewire_photo")} <= named

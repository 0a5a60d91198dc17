"""What is said of a run's stored networks: every model.json, and the copy of the network that a run starts from."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from serflow.audit.findings import Step
from serflow.files import digest, read_json
from serflow.learners.parts.loading import kept_epochs
from serflow.provenance.encoders import network_folder
from serflow.provenance.run_key import RunKey

__all__ = ["lent_files", "model_steps"]

ENCODER = "encoder/"


def model_steps(
    run: RunKey, record: Mapping[str, Any], spec: Mapping[str, Any], dims: int | None, lent: Mapping[str, str]
) -> Iterator[Step]:
    """Hold each kept network's description against the run: seed, spec, classes, epoch, kind of learner and features.

    Parameters
    ----------
    run, record : the run, and its run.json.
    spec : as the configuration resolves it now.
    dims : values a frame of the features that it reads; None where it reads none, or they are not at hand.
    lent : of the network that the run starts from, the SHA-256 of its files; empty where there is none.

    Raises
    ------
    UserError
        If a file is missing or mangled.
    """
    kept, wrong = kept_epochs(Path(run.folder)), []
    for name, epoch in kept.items():
        path = f"{run.folder}/model/{name}/model.json"
        said = read_json(path)
        expected = {"seed": run.seed, "classes": spec["classes"], "epoch": epoch, "learner": spec["learner"]}
        if isinstance(said.get("dims"), int) and dims is not None and not lent:
            expected["dims"] = dims
        for key, value in expected.items():
            if said.get(key, value) != value or key in ("seed", "classes") and key not in said:
                wrong.append(Step("model", False, f"{path}: {key} is {said.get(key)}", f"{value}, as of the run"))
        if digest(said.get("spec")) != digest(spec):
            wrong.append(Step("model", False, f"{path}: another spec", "that of the configuration"))
        under = f"model/{name}/{ENCODER}"
        copy = {
            file.removeprefix(under): sha256 for file, sha256 in record["outputs"].items() if file.startswith(under)
        }
        if copy != lent:
            said_so = f"{run.folder}/{under}: not the network that the run starts from"
            wrong.append(Step("model", False, said_so, "a copy of it, byte by byte"))
    if wrong or kept:
        told = f"model.json of {', '.join(kept)}: seed {run.seed}, spec, classes and epoch of the run"
        yield from wrong or [Step("model", True, told + ("; a copy of the network it starts from" if lent else ""))]


def lent_files(run: Path, weights: str, fold: str) -> dict[str, str]:
    """SHA-256 of the files of a training's network that another run starts from, by their names in its folder.

    Parameters as of `serflow.provenance.encoders.network_folder`.
    """
    under = network_folder(run, weights, fold).relative_to(run.parent).as_posix() + "/"
    return {name.removeprefix(under): sha for name, sha in read_json(run)["outputs"].items() if name.startswith(under)}

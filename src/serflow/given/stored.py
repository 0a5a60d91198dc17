"""Given predictions on disk: where they stand, and what is known of them without reading one.

results/<corpus>/given/<name>/<paper>/<experiment>/<split>/ holds predictions.parquet, a row a run and test utterance,
and given.json, which says what they are of. Light: the plan reads the latter at every start of Snakemake.
"""

from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field

from serflow.errors import UserError
from serflow.files import read_json
from serflow.paths import RESULTS
from serflow.validation import Count, Id, Index, Name, Once, Strict, Text, validate

__all__ = ["Given", "given_folder", "read_record", "stored"]

RECORD, TABLE = "given.json", "predictions.parquet"
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Given(Strict):
    """Predictions of one system on one fold table: the content of given.json."""

    model_config = ConfigDict(frozen=True)

    corpus: Name
    name: Annotated[Id, Field(description="of the system, in files and ids")]
    title: Annotated[Text, Field(description="of the system, as tables print it")]
    paper: Name
    experiment: Id
    split: Id
    classes: Annotated[list[Id], Once, Field(description="of the experiment, in its order")]
    probabilities: Annotated[bool, Field(description="false: a class alone was given, and there is no calibration")]
    seeded: Annotated[bool, Field(description="false: no other seed would change them")]
    folds: Annotated[list[Count], Once, Field(min_length=1)]
    seeds: Annotated[list[Index], Once, Field(min_length=1)]
    file: Annotated[Text, Field(description="name of the file that they were taken from")]
    file_digest: Annotated[Digest, Field(description="SHA-256 of that file")]
    predictions: Annotated[Digest, Field(description="SHA-256 of predictions.parquet")]
    fold_table: Annotated[Digest, Field(description="digest of the fold table that they were checked against")]

    @property
    def place(self) -> tuple[str, str, str]:
        """Paper, experiment and split."""
        return self.paper, self.experiment, self.split

    @property
    def folder(self) -> Path:
        """Where the two files stand."""
        return given_folder(self.corpus, self.name).joinpath(*self.place)

    @property
    def record(self) -> Path:
        """given.json."""
        return self.folder / RECORD

    @property
    def table(self) -> Path:
        """predictions.parquet: utterance, fold, seed; `p_<class>` of each class, or `class`."""
        return self.folder / TABLE

    @property
    def command(self) -> str:
        """The beginning of the command that stores them, and of the one that takes them away."""
        return f"--paper {self.paper} --experiment {self.experiment} --split {self.split}"


def given_folder(corpus: str, name: str) -> Path:
    """Folder of all that is given under a name."""
    return Path(RESULTS) / corpus / "given" / name


def stored(corpus: str) -> list[Given]:
    """All that is given of a corpus, sorted by name, paper, experiment and split.

    Raises
    ------
    UserError
        If a given.json is mangled, or does not stand where it says.
    """
    return [read_record(path) for path in sorted(given_folder(corpus, "").glob(f"*/*/*/*/{RECORD}"))]


def read_record(path: Path) -> Given:
    """Read a given.json; errors as of `stored`."""
    content = read_json(path)
    validate(content, Given, where=str(path))
    found = Given(**content)
    if found.record != path:
        raise UserError(f"{path}: is of {found.folder}; move it back, or delete it and run serflow score again")
    return found

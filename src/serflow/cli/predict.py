"""`serflow predict`: class probabilities of recordings by a trained run, and what it attends to."""

import argparse
import csv
import os
import sys
from pathlib import Path

from serflow.errors import UserError, printable
from serflow.prediction import Prediction, Trained, names_in_corpus, open_run
from serflow.recordings import SAMPLE_RATE


def main(argv: list[str] | None = None) -> None:
    """Parse the arguments; predict file by file, the bad ones named and left out."""
    args = _parse(argv)
    trained = open_run(args.run, epoch=args.epoch, device=args.device)
    _say(trained.described)
    corpus = trained.record["run"]["corpus"]
    if trained.corpus is None:
        _say(
            f"warning: corpus {corpus} is not declared here: its speech may be synthesised, and several channels are "
            "mixed down by their mean, whatever it says"
        )
    elif trained.corpus["speech"] == "synthesised":
        _say(f"warning: trained on synthesised speech ({corpus}): this says nothing about real emotions")
    if args.plot and not trained.attends:
        _say(f"no plots: {trained.record['run']['system']} offers no attention map")
        args.plot = None
    if args.plot:
        _make_folder(args.plot)
    called = names_in_corpus(trained)
    for name, own in called.items():
        _say(f"{corpus} has {own!r} where {trained.record['run']['paper']} has the class {name!r}: it is called {own}")
    classes = [called.get(name, name) for name in trained.classes]
    printer = (_Csv if args.csv else _Lines)(classes, args.files)
    failed = 0
    for file, plot, text in zip(args.files, _plots(args), args.text or [None] * len(args.files), strict=True):
        try:
            prediction = trained.predict(file, text=text)
            for note in prediction.recording.notes:
                _say(f"{file}: {note}")
            printer.add(file, prediction)
            if args.plot:
                _draw(trained, prediction, classes, plot)
        except UserError as error:
            failed += 1
            _say(f"error: {error}")
    if failed:
        raise UserError(f"{failed} of {len(args.files)} files could not be predicted; the messages above name them")


def _parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="serflow predict", description=__doc__)
    parser.add_argument("run", type=Path, metavar="RUN_DIR", help="folder of a finished run, with run.json and model/")
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="recordings: WAV, FLAC, Ogg, MP3")
    parser.add_argument(
        "--epoch",
        metavar="E",
        help="weights: last, best (on validation), or, of a run that judges several folds, speaker/fold2: the best of "
        "that one (default: the best where it is one, else the last)",
    )
    parser.add_argument("--csv", action="store_true", help="print CSV")
    parser.add_argument("--plot", type=Path, metavar="DIR", help="folder for a plot of attention over time a file")
    parser.add_argument("--format", choices=["png", "svg", "pdf"], default="png", help="of the plots (default: png)")
    parser.add_argument("--device", default="cpu", help="auto, cpu, cuda or cuda:1 (default: cpu)")
    parser.add_argument(
        "--text", action="append", metavar="WORDS", help="what a file says, for a run that reads it; once for each file"
    )
    args = parser.parse_args(argv)
    if args.text and len(args.text) != len(args.files):
        raise UserError(f"--text is there {len(args.text)} times for {len(args.files)} files; expected once for each")
    return args


class _Lines:
    """One line a file, in columns."""

    def __init__(self, classes: list[str], files: list[Path]):
        self.classes = classes
        self.file_width, self.class_width = (
            max(len(printable(str(name))) for name in names) for names in (files, classes)
        )

    def add(self, file: Path, prediction: Prediction) -> None:
        best = self.classes[int(prediction.probabilities.argmax())]
        pairs = zip(self.classes, prediction.probabilities, strict=True)
        each = "  ".join(f"{name} {probability:.3f}" for name, probability in pairs)
        print(f"{printable(str(file)):{self.file_width}}  {best:{self.class_width}}  {each}", flush=True)


class _Csv:
    """file, predicted, seconds and a probability a class."""

    def __init__(self, classes: list[str], files: list[Path]):
        self.classes, self.writer = classes, csv.writer(sys.stdout, lineterminator="\n")
        self.writer.writerow(["file", "predicted", "seconds", *(f"p_{name}" for name in classes)])

    def add(self, file: Path, prediction: Prediction) -> None:
        best = self.classes[int(prediction.probabilities.argmax())]
        numbers = [f"{prediction.recording.seconds:.3f}", *(f"{value:.6f}" for value in prediction.probabilities)]
        self.writer.writerow([printable(str(file)), best, *numbers])
        sys.stdout.flush()


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"--plot {folder}: cannot be made ({error.strerror}); expected a folder to write into"
        ) from None


def _plots(args: argparse.Namespace) -> list[Path | None]:
    """Name of every file's plot; files of one name in several folders are numbered."""
    if not args.plot:
        return [None] * len(args.files)
    used: set[str] = set()
    names = []
    for file in args.files:
        name, number = file.stem, 1
        while name in used:
            number += 1
            name = f"{file.stem}_{number}"
        used.add(name)
        names.append(args.plot / f"{name}.{args.format}")
    return names


def _draw(trained: Trained, prediction: Prediction, classes: list[str], plot: Path) -> None:
    from serflow.reporting.recording import write_plot  # matplotlib is slow to load

    write_plot(
        plot,
        title=printable(prediction.recording.path.name),
        probabilities=dict(zip(classes, prediction.probabilities.tolist(), strict=True)),
        samples=prediction.recording.samples,
        sample_rate=SAMPLE_RATE,
        features=prediction.examples.frames(0),
        kind=trained.record["spec"]["feature_spec"]["extractor"],
        attention=trained.attention(prediction),
        hop_seconds=prediction.examples.store.hop_seconds,
    )
    _say(f"{prediction.recording.path}: attention drawn in {plot}")


def _say(text: str) -> None:
    print(f"serflow: {printable(text)}", file=sys.stderr)


if __name__ == "__main__":
    from serflow.cli import run

    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(run(main))

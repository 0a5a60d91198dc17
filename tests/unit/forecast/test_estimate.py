"""Seconds and bytes of runs to come, from fabricated finished ones; every expected number is made by hand."""

import pytest

from helpers.declared import emodb, iemocap, make_plan
from helpers.written_runs import bytes_of, write_run
from serflow.forecast.estimate import Estimates
from serflow.forecast.measure import Measured
from serflow.forecast.past_runs import past_runs
from serflow.forecast.summary import Total, wall_seconds
from serflow.forecast.times import Times

XU = {"papers": ["xu2020"], "sweeps": False}
EPOCHS = 6  # of the demo preset


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def demo():
    return make_plan(**XU)


def runs_of(plan, system="acnn", split="random5", experiment=None):
    wanted = experiment or ("full" if plan.workflow.config["corpus"] == "emodb" else "improvised")
    return [run for run in plan.runs if (run.system, run.split, run.experiment) == (system, split, wanted)]


def estimates_of(plan, device="cpu", **times):
    return Estimates(plan, past_runs(), device=device, **times)


def times_of(plan, system="acnn", experiment="improvised", device="cpu", **measured):
    """Times that hold one system."""
    times = Times({"processor": "one"})
    spec = plan.systems["xu2020"].spec(system, experiment)
    times.add(
        spec, device, Measured(**{"start": 3, "unit": 0.1, "segment": 0.002, "weights": 640_000} | measured), of=""
    )
    return times


def test_a_run_takes_what_its_like_took_and_the_start_of_its_process_is_told_apart(demo):
    first, second = runs_of(demo)
    write_run(demo, first, seconds=10, job=12.5, steps_an_epoch=7)
    cost = estimates_of(demo).of(second)
    assert (cost.seconds, cost.start, cost.basis) == (10, 2.5, "A")


def test_a_job_starts_once_for_all_its_seeds():
    plan = make_plan(**XU | {"seeds": [1, 2]})
    runs = runs_of(plan)  # two seeds of two folds
    write_run(plan, runs[0], seconds=10, steps_an_epoch=7)
    write_run(plan, runs[1], seconds=12, job=26, steps_an_epoch=7)  # Snakemake's seconds are of both
    estimates = estimates_of(plan)
    assert (estimates.of(runs[2]).seconds, estimates.of(runs[2]).start) == (11, 4)
    assert Total.of(runs, estimates).seconds == 4 * 11 + 2 * 4
    assert wall_seconds(runs, estimates, cores=2) == 2 * 11 + 4


def test_a_job_that_trained_a_further_seed_alone_does_not_tell_its_start():
    plan = make_plan(**XU | {"seeds": [1, 2]})
    runs = runs_of(plan)
    write_run(plan, runs[0], seconds=10, steps_an_epoch=7)
    write_run(plan, runs[1], seconds=12, job=16, steps_an_epoch=7)
    assert estimates_of(plan).of(runs[2]).start == 0


def test_the_median_of_several_counts(demo):
    plan = make_plan(**XU | {"folds": 5})
    for run, seconds in zip(runs_of(plan), (10, 11, 90), strict=False):
        write_run(plan, run, seconds=seconds, job=seconds + 2, steps_an_epoch=7)
    assert estimates_of(plan).of(runs_of(plan)[4]).seconds == 11


def test_another_split_is_scaled_by_steps_and_the_start_is_not(demo):
    # 7 steps an epoch in 14 s; the other split: 320 segments in batches of 32: 10 steps an epoch
    write_run(demo, runs_of(demo)[0], seconds=14, job=16, steps_an_epoch=7)
    other = runs_of(demo, split="random10")[0]
    folder = write_run(demo, other, steps_an_epoch=10, resumed_after_epoch=3)  # tells its size, not its seconds
    cost = estimates_of(demo).of(other)
    assert cost.steps == 10 * EPOCHS
    assert cost.basis == "B"
    assert (cost.seconds, cost.start) == (pytest.approx(14 / 7 * 10), 2)
    assert cost.bytes == bytes_of(folder)


def test_a_resumed_run_is_no_measurement(demo):
    first, second = runs_of(demo)
    write_run(demo, first, steps_an_epoch=7, resumed_after_epoch=5)
    assert (estimates_of(demo).of(second).seconds, estimates_of(demo).of(second).basis) == (None, "-")


def test_a_run_on_another_device_is_no_measurement(demo):
    first, second = runs_of(demo)
    write_run(demo, first, steps_an_epoch=7, device="cuda:0")
    assert estimates_of(demo).of(second).basis == "-"
    assert estimates_of(demo, device="cuda").of(second).basis == "A"


def test_another_corpus_with_the_same_settings_is_scaled_by_its_budget_of_steps():
    ours, theirs = make_plan(**XU | emodb(preset="paper")), make_plan(**XU | iemocap())
    write_run(theirs, runs_of(theirs)[0], seconds=1000, job=1003, steps_an_epoch=100)  # 5,000 steps
    cost = estimates_of(ours).of(runs_of(ours)[0])
    steps = ours.workflow.corpus["budget"]["steps"]
    assert (cost.steps, cost.basis) == (steps, "B")
    assert (cost.seconds, cost.start) == (pytest.approx(1000 * steps / 5000), 3)


def test_another_preset_is_a_rough_guess_and_what_was_measured_goes_before_it(demo):
    paper = make_plan(**XU | emodb(preset="paper"))
    write_run(demo, runs_of(demo)[0], seconds=7, job=9, steps_an_epoch=7)
    write_run(paper, runs_of(paper)[0], steps_an_epoch=9, resumed_after_epoch=1)  # tells the size
    steps = paper.workflow.corpus["budget"]["steps"]
    run = runs_of(paper)[1]
    rough = estimates_of(paper).of(run)
    assert (rough.seconds, rough.start, rough.basis) == (pytest.approx(7 / (7 * EPOCHS) * steps), 2, "E")
    # 30 scored utterances and 100 of the training sample, 320 segments of 100 in training every 1.0 s, so 2.5 times
    # as many every 0.4 s: 1,040
    kept = times_of(paper, experiment="full")
    cost = estimates_of(paper, kept=kept).of(run)
    assert (cost.seconds, cost.start, cost.basis) == (pytest.approx(0.1 * steps + 50 * 1040 * 0.002), 3, "C")


def test_what_was_measured_here_goes_before_what_is_shipped(demo):
    plan = make_plan(**XU | iemocap())
    run, kept, shipped = runs_of(plan)[0], times_of(plan), times_of(plan, unit=0.2, segment=0.0)
    cost = estimates_of(plan, shipped=shipped).of(run)
    assert (cost.seconds, cost.basis) == (pytest.approx(0.2 * cost.steps), "D")
    assert estimates_of(plan, kept=kept, shipped=shipped).of(run).basis == "C"
    other = runs_of(plan, "conv1")[0]
    assert estimates_of(plan, kept=kept, shipped=shipped).of(other).basis == "-"


def test_what_was_measured_on_another_kind_of_device_tells_nothing(demo):
    plan = make_plan(**XU | iemocap())
    cost = estimates_of(plan, device="cuda", shipped=times_of(plan)).of(runs_of(plan)[0])
    assert (cost.seconds, cost.basis) == (None, "-")


def test_the_statistics_of_batch_norms_cost_a_pass_over_a_part_of_the_training_data_an_epoch():
    plan = make_plan(**XU | iemocap())
    run = runs_of(plan)[0]
    without = estimates_of(plan, kept=times_of(plan)).of(run).seconds
    cost = estimates_of(plan, kept=times_of(plan, population=1024)).of(run)
    assert cost.seconds - without == pytest.approx(50 * 1024 * 0.002)


def test_a_system_without_steps_grows_with_its_utterances_as_it_was_measured_to():
    plan = make_plan(**XU | iemocap())
    kept = times_of(plan, "svm_compare", unit=1e-6, segment=0.0, power=2.0)
    cost = estimates_of(plan, kept=kept).of(runs_of(plan, "svm_compare")[0])
    assert cost.seconds == pytest.approx(1e-6 * (2659 * 4 / 5) ** 2)


def test_a_system_without_steps_is_scaled_by_training_utterances(demo):
    write_run(demo, runs_of(demo, "svm_compare")[0], seconds=4, job=5)  # 100 training utterances
    other = runs_of(demo, "svm_compare", "speaker")[0]
    counts = {"train_utterances": 150, "test": 20, "validation": 10}
    write_run(demo, other, resumed_after_epoch=1, counts=counts)
    cost = estimates_of(demo).of(other)
    assert (cost.seconds, cost.basis, cost.steps) == (pytest.approx(4 * 1.5), "B", None)


def test_bytes_are_model_copies_and_predictions_where_no_run_tells():
    plan = make_plan(**XU | iemocap(sweeps=True, protocols=["as_published", "strict"]))
    estimates = estimates_of(plan)
    # 2,659 improvised turns of the four classes, a fifth tests, and the training sample: 50 epochs x 732 rows of
    # 4 x 4 + 6 bytes; 5 kB beside
    rows = 50 * (2659 / 5 + 200)
    assert estimates.of(runs_of(plan)[0]).bytes == pytest.approx(155_636 * 4 + rows * 22 + 5000)
    # of strict, the session that is left out: the last epoch's weights and those of the best epoch of each of the six
    # folds (two of speaker and marker each, one of session_parts and session_parts_random) that it judges
    training = plan.training(runs_of(plan, split="speaker")[0])
    cost = estimates.of(training)
    assert cost.weights == pytest.approx(7 * 155_636 * 4)
    assert cost.bytes == pytest.approx(cost.weights + rows * 22 + 5000)
    # a tenth tests, a tenth validates
    validated = make_plan(**XU | iemocap(protocols=["random10"]))
    cost = estimates_of(validated).of(runs_of(validated, split="random10")[0])
    assert cost.weights == pytest.approx(2 * 155_636 * 4)
    cell = estimates.of(runs_of(plan, "acnn_n_head2_n_size16")[0])
    assert cell.bytes == pytest.approx(rows * 22 + 5000)  # weights of sweep points are not kept


def test_weights_of_further_seeds_take_no_disk_where_they_are_not_kept():
    plan = make_plan(**XU | iemocap(keep_weights="first_seed"))
    first, second = runs_of(plan)[:2]
    estimates = estimates_of(plan)
    assert (first.seed, second.seed) == (1, 2)
    assert (estimates.of(first).weights, estimates.of(second).weights) == (pytest.approx(155_636 * 4), 0)
    assert Total.of([first, second], estimates).weights == pytest.approx(155_636 * 4)


def test_totals_leave_out_what_is_not_known_and_say_so(demo):
    acnn = runs_of(demo)
    write_run(demo, acnn[0], seconds=10, job=12, steps_an_epoch=7)
    estimates = estimates_of(demo)
    total = Total.of([*acnn, *runs_of(demo, "conv1")], estimates)
    assert (total.runs, total.systems, total.seconds, total.unknown) == (4, 2, 2 * 10 + 2 * 2, 2)


def test_wall_time_is_shared_by_cores_and_not_shorter_than_the_longest_run(demo):
    runs = runs_of(demo)
    write_run(demo, runs[0], seconds=10, job=12, steps_an_epoch=7)
    estimates = estimates_of(demo)
    assert wall_seconds(runs, estimates, cores=1) == 24
    assert wall_seconds(runs, estimates, cores=8) == 12
    assert wall_seconds([], estimates, cores=8) == 0


def test_files_that_cannot_be_read_are_no_measurement(demo):
    first, second = runs_of(demo)
    (write_run(demo, first, steps_an_epoch=7) / "run.json").write_text("[]")
    assert past_runs() == []
    assert estimates_of(demo).of(second).basis == "-"

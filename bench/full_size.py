#!/usr/bin/python3
"""The whole recipe at the size of the full UniMiB-SHAR: 11,771 generated windows of 3 x 151 in 17 classes, 9,409 of them for
training, `--preset paper`. Prints the seconds an epoch of each stage takes, the whole, and the peak memory.

    /usr/bin/python3 bench/full_size.py build/release/ditmos FOLDER             # all epochs: minutes
    /usr/bin/python3 bench/full_size.py build/release/ditmos FOLDER --short     # eight epochs a stage on an eighth of the windows, on one
                                                                                # and two threads, and the whole that follows

Needs numpy (python3-numpy of Debian). The set has the published one's size only: class and subject give a window's frequencies, phases and gravity, with
noise, so accuracies mean nothing.
"""
import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import time

import numpy

WINDOWS, CHANNELS, LENGTH, CLASSES = 11771, 3, 151, 17
# Epochs of the preset: name of the stage in metrics.jsonl, or of the half of an adversarial iteration.
EPOCHS = {"strong model": 50, "classifiers, each its subset": 30, "selector": 20, "adversarial, selector": 240, "adversarial, classifiers": 240}
SHORT = {"strong_training.epochs": 8, "classifier_training.epochs": 8, "selector_training.epochs": 8, "adversarial.iterations": 1,
         "adversarial.selector_epochs": 8, "adversarial.classifier_epochs": 8}
SHARE = 8


def write_set(folder, windows):
    if os.path.exists(f"{folder}/y.npy"):
        return
    os.makedirs(folder, exist_ok=True)
    random = numpy.random.default_rng(1)
    y = numpy.arange(windows) % CLASSES
    of_class = random.uniform(0.5, 6.0, (CLASSES, CHANNELS, 3)), random.uniform(0.2, 1.0, (CLASSES, CHANNELS, 3))
    t = numpy.arange(LENGTH) / 50.0
    x = random.normal(0, 0.5, (windows, CHANNELS, LENGTH)) + random.normal(0, 0.3, (windows, CHANNELS, 1))
    for wave in range(3):
        frequency = of_class[0][y, :, wave] * random.uniform(0.85, 1.15, (windows, 1))
        phase = random.uniform(0, 2 * numpy.pi, (windows, CHANNELS))
        x += of_class[1][y, :, wave, None] * numpy.sin(2 * numpy.pi * frequency[:, :, None] * t + phase[:, :, None])
    numpy.save(f"{folder}/x.npy", x.astype(numpy.float32))
    numpy.save(f"{folder}/y.npy", y.astype(numpy.int64))


def train(arguments, name, threads, options):
    out = f"{arguments.folder}/run{threads}"
    shutil.rmtree(out, ignore_errors=True)
    command = [arguments.ditmos, "train", "--data", f"{arguments.folder}/{name}", "--protocol", "paper", "--seed", "1", "--threads", str(threads), "--out", out]
    command += [word for key, value in options.items() for word in (f"--{key}", str(value))]
    start = time.time()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    wall = time.time() - start
    with open(f"{out}/metrics.jsonl") as file:
        lines = [json.loads(line) for line in file]
    with open(f"{out}/run.json") as file:
        record = json.load(file)
    with open(f"{out}/evaluation.json") as file:
        print(f"windows: {json.load(file)['split']}")
    starts = [line["seconds"] for line in lines] + [record["seconds"]]
    per_iteration = options.get("adversarial.selector_epochs", 6) + options.get("adversarial.classifier_epochs", 6)
    seconds = {stage: [] for stage in EPOCHS}
    for line, begin, end in zip(lines, starts, starts[1:]):
        stage = line["stage"]
        if stage == "adversarial":
            selecting = (line["stage_epoch"] - 1) % per_iteration < options.get("adversarial.selector_epochs", 6)
            stage += ", selector" if selecting else ", classifiers"
        seconds[stage].append(end - begin)
    return seconds, wall, record["seconds"]


def report(seconds, threads, share=1):
    """Prints an epoch's seconds and returns those of the whole recipe, from medians and from the least. The first epoch of the stage after
    the strong model holds the split by k-means."""
    wholes = [0, 0]
    for stage, epochs in EPOCHS.items():
        usual = [share * pick(seconds[stage][1:]) for pick in (statistics.median, min)]
        first = share * seconds[stage][0] - usual[0] if stage.startswith("classifiers") else 0
        wholes = [whole + first + epochs * one for whole, one in zip(wholes, usual)]
        extra = f", and once {first:.2f} s for features and k-means" if first else ""
        print(f"  {stage:<30} {usual[0]:7.3f} s an epoch (least {usual[1]:.3f}), {epochs} epochs {epochs * usual[0]:6.1f} s{extra}")
    print(f"  the whole on {threads} thread(s): {wholes[0]:.0f} s = {wholes[0] / 60:.1f} min, by the least {wholes[1]:.0f} s", flush=True)
    return wholes


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("ditmos")
    parser.add_argument("folder")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    if arguments.short:
        write_set(f"{arguments.folder}/eighth", WINDOWS // SHARE)
        one, several = [report(train(arguments, "eighth", threads, SHORT)[0], threads, SHARE) for threads in (1, arguments.threads)]
        print(f"{arguments.threads} threads are {one[0] / several[0]:.2f} times as fast as one, by the least {one[1] / several[1]:.2f}")
    else:
        write_set(f"{arguments.folder}/set", WINDOWS)
        seconds, wall, training = train(arguments, "set", arguments.threads, {})
        report(seconds, arguments.threads)
        print(f"measured: training {training:.1f} s, the whole command {wall:.1f} s")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MB")


main()

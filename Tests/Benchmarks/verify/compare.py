#!/usr/bin/env python3
"""How long Assay and its peers take to verify bundles, side by side in one run.

    compare.py --assay PROGRAM [--rounds N] [--many-rounds N] [--bundles N] [--sample N] [--state FOLDER]
               [--conformance FOLDER]

`make bench-verify` builds Assay and calls this. Every contestant verifies the same bundles, which make-bundles.py makes
and all of them must accept; one that fails ends the run. The contestants take turns, so that what else the machine does
hits all of them, and medians are shown. CPU is user and system time, of all threads.

cosign and sigstore-go-verification (sigstore-go's example program, built) are found by ASSAY_COSIGN and
ASSAY_SIGSTORE_GO, in ~/.cache/sigstore-local/bin, or in PATH, and are left out with a line where they are not there.
sigstore-python is installed into ~/.cache/assay with pip.
"""
import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv

HERE = pathlib.Path(__file__).resolve().parent
SIGSTORE_PYTHON = "4.5.1"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")


class Case:
    """A trusted root, and who signed."""

    def __init__(self, title, root, trust_config, identity, issuer, pairs):
        self.title, self.root, self.trust_config = title, root, trust_config
        self.identity, self.issuer, self.pairs = identity, issuer, pairs


def assay(program, case):
    return [
        program, "verify", "--certificate-identity", case.identity, "--certificate-oidc-issuer", case.issuer,
        "--trusted-root", case.root, "--json"]


def cosign(program, case, artifact, bundle):
    return [
        program, "verify-blob-attestation", "--bundle", bundle, "--type", "slsaprovenance1", "--trusted-root",
        case.root, "--certificate-identity", case.identity, "--certificate-oidc-issuer", case.issuer, artifact]


def sigstore_go(program, case, artifact, bundle):
    return [
        program, "-artifact", artifact, "-trustedrootJSONpath", case.root, "-expectedSAN", case.identity,
        "-expectedIssuer", case.issuer, bundle]


def sigstore_python(program, case, artifact, bundle):
    return [
        program, "--trust-config", case.trust_config, "verify", "identity", "--offline", "--bundle", bundle,
        "--cert-identity", case.identity, "--cert-oidc-issuer", case.issuer, artifact]


def found(variable, name):
    candidates = [os.environ.get(variable), CACHE / "sigstore-local/bin" / name, shutil.which(name)]
    for candidate in candidates:
        if candidate and os.access(candidate, os.X_OK):
            return str(candidate)
    print(f"{name} is not installed (set {variable} to its path): left out")
    return None


def python_environment():
    """The folder of a virtual environment with sigstore-python, and with `cryptography` for make-bundles.py."""
    folder = CACHE / "assay" / f"sigstore-python-{SIGSTORE_PYTHON}"
    stamp = folder / "complete"
    if not stamp.exists():
        print(f"installing sigstore-python {SIGSTORE_PYTHON} into {folder}", flush=True)
        venv.create(folder, clear=True, with_pip=True)
        subprocess.run(
            [folder / "bin/pip", "install", "--quiet", "--disable-pip-version-check", f"sigstore=={SIGSTORE_PYTHON}"],
            check=True)
        stamp.touch()
    return folder


class Measurement:
    def __init__(self, wall, cpu, memory):
        self.wall, self.cpu, self.memory = wall, cpu, memory


def measure(command):
    """Wall and CPU seconds and peak bytes of memory of one process."""
    command = [str(word) for word in command]
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            output.seek(0)
            sys.exit(f"{' '.join(command)}\nended with {process.returncode}:\n{output.read()[-2000:].decode()}")
    return Measurement(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def median(measurements, field):
    return statistics.median(getattr(measurement, field) for measurement in measurements)


def table(title, rows, count=1):
    """Prints medians; `rows` are names with measurements, Assay's first, each of `count` bundles."""
    print(f"\n{title}")
    print(f"  {'':<28}{'wall ms':>10}{'CPU ms':>10}{'peak MB':>10}{'wall ratio':>12}{'CPU ratio':>11}")
    own = rows[0][1]
    for name, measurements in rows:
        wall, cpu = median(measurements, "wall"), median(measurements, "cpu")
        print(
            f"  {name:<28}{wall * 1e3 / count:>10.2f}{cpu * 1e3 / count:>10.2f}"
            f"{median(measurements, 'memory') / 1e6:>10.1f}{wall / median(own, 'wall'):>12.2f}"
            f"{cpu / median(own, 'cpu'):>11.2f}", flush=True)


def one_a_process(case, contestants, program, rounds):
    rows = {"assay": []} | {name: [] for name in contestants}
    for turn in range(rounds):
        artifact, bundle = case.pairs[turn % len(case.pairs)]
        rows["assay"].append(measure(assay(program, case) + ["--bundle", bundle, artifact]))
        for name, (command, path) in contestants.items():
            # Ten times slower than the rest: a few turns say enough.
            if name != "sigstore-python" or turn < 5:
                rows[name].append(measure(command(path, case, artifact, bundle)))
    table(f"One bundle a process: {case.title} ({rounds} rounds)", list(rows.items()))
    return rows


def many(cases, single, program, count, rounds):
    rows = {title: [] for title in cases}
    for _ in range(rounds):
        for title, (case, folder) in cases.items():
            rows[title].append(measure(assay(program, case) + [folder]))
    table(f"{count} bundles in one process of assay, per bundle ({rounds} rounds)", list(rows.items()), count)
    own = next(iter(rows.values()))
    for name, measurements in single.items():
        if name != "assay":
            print(
                f"  {name}, a process a bundle: {median(measurements, 'wall') * count / median(own, 'wall'):.1f} times "
                f"the wall time, {median(measurements, 'cpu') * count / median(own, 'cpu'):.1f} times the CPU")


def judges_agree(case, contestants, sample):
    """Lets the fast peers verify bundles spread over all of them, so that what is measured is what they accept."""
    step = max(1, len(case.pairs) // sample)
    pairs = case.pairs[::step]
    for name, (command, path) in contestants.items():
        if name != "sigstore-python":
            for artifact, bundle in pairs:
                measure(command(path, case, artifact, bundle))
            print(f"{name} accepts {len(pairs)} of the {len(case.pairs)} bundles, every one that it was asked about")


def made_case(state, count, python):
    folder = state / f"bundles-{count}"
    if not (folder / "complete").exists():
        print(f"making {count} bundles in {folder}", flush=True)
        subprocess.run([python, HERE / "make-bundles.py", folder, str(count)], check=True)
        (folder / "complete").touch()
    names = sorted(path for path in (folder / "distinct").iterdir() if path.suffix == ".bin")
    return folder, Case(
        "bundles made for this", folder / "trusted_root.json", folder / "trust_config.json",
        "https://example.com/acme/widget/.ci/release.yml@refs/heads/main", "https://ci.example.com",
        [(path, path.with_name(path.name + ".bundle")) for path in names])


def conformance_case(folder):
    """The public-good instance's bundle with a statement, of the Sigstore conformance suite."""
    assets = folder / "assets" / "bundle-verify"
    bundle = assets / "happy-path-intoto-in-dsse-v3" / "bundle.sigstore.json"
    root = folder / "production_trusted_root.json"
    if not (bundle.exists() and root.exists()):
        print(f"the conformance suite is not in {folder}: its bundle is left out")
        return None
    beacon = "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon"
    return Case(
        "happy-path-intoto-in-dsse-v3 of the conformance suite", root, None,
        beacon + "/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main",
        "https://token.actions.githubusercontent.com", [(assets / "a.txt", bundle)])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assay", required=True, type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=21, help="turns of one bundle a process (21)")
    parser.add_argument(
        "--many-rounds", type=int, help="turns of many bundles in a process (5, or fewer if --rounds is less)")
    parser.add_argument("--bundles", type=int, default=1000)
    parser.add_argument("--sample", type=int, default=50, help="bundles that the peers judge before (50)")
    parser.add_argument("--state", type=pathlib.Path, default=HERE.parents[2] / ".build" / "bench-verify")
    parser.add_argument("--conformance", type=pathlib.Path, default=HERE.parents[3] / "shared" / "conformance")
    options = parser.parse_args()
    if options.many_rounds is None:
        options.many_rounds = min(5, options.rounds)
    options.state.mkdir(parents=True, exist_ok=True)
    # No settings, catalog or cached trust of the user's.
    os.environ.update(ASSAY_CONFIG="/dev/null", ASSAY_CATALOG=str(options.state / "no-catalog"))

    environment = python_environment()
    contestants = {}
    for name, variable, file, command in (
            ("sigstore-go", "ASSAY_SIGSTORE_GO", "sigstore-go-verification", sigstore_go),
            ("cosign", "ASSAY_COSIGN", "cosign", cosign)):
        if path := found(variable, file):
            contestants[name] = (command, path)
    with_python = contestants | {"sigstore-python": (sigstore_python, environment / "bin/sigstore")}

    folder, case = made_case(options.state, options.bundles, environment / "bin/python")
    judges_agree(case, contestants, options.sample)
    single = one_a_process(case, with_python, options.assay, options.rounds)
    if public := conformance_case(options.conformance):
        one_a_process(public, contestants, options.assay, options.rounds)
    many({
        "distinct certificates": (case, folder / "distinct"),
        "one certificate, copied": (case, folder / "shared"),
    }, single, options.assay, options.bundles, options.many_rounds)


if __name__ == "__main__":
    main()

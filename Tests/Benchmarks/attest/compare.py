#!/usr/bin/env python3
"""How long Assay takes to attest a backfill, keyless beside cosign on the same services, and with a key of its own.

    compare.py --assay PROGRAM [--artifacts N] [--sample N] [--key-artifacts N] [--rounds N]

`make bench-attest` builds Assay and calls this. It starts the local Sigstore (../shared/sigstore-local: real Fulcio, Rekor
v2 and timestamp authority) with new keys and an empty log. Each round has a new catalog of N artifacts, which Assay attests
in one run, and before and after it cosign's `attest-blob` of some artifacts, one after another, as it has to be called.
cosign is found by ASSAY_COSIGN, in ~/.cache/sigstore-local/bin, or in PATH. Every bundle is verified by Assay before it is
kept, which is part of its time; that others accept it is shown by the tests. What fails ends the run.
"""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile

PACKAGE = pathlib.Path(__file__).resolve().parents[3]
STACK = PACKAGE.parent / "shared/sigstore-local"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
TYPE = "slsaprovenance1"


def cosign():
    candidates = [os.environ.get("ASSAY_COSIGN"), CACHE / "sigstore-local/bin/cosign", shutil.which("cosign")]
    for candidate in candidates:
        if candidate and os.access(candidate, os.X_OK):
            return str(candidate)
    sys.exit("cosign is not installed (set ASSAY_COSIGN to its path)")


def run(command, environment):
    """What a program prints on standard output, and its wall and CPU seconds."""
    command = [str(word) for word in command]
    before = os.times()
    start = time.perf_counter()
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment)
    wall = time.perf_counter() - start
    after = os.times()
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\nended with {done.returncode}:\n{done.stderr[-2000:]}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return done.stdout, wall, cpu


def make_archives(folder, count):
    """Archives of up to 100 artifacts each."""
    folder.mkdir()
    for first in range(0, count, 100):
        with zipfile.ZipFile(folder / f"build-{first // 100:04}.zip", "w") as archive:
            for number in range(first, min(first + 100, count)):
                archive.writestr(f"dist/{number}.txt", f"{folder} {number}\n" * 20)


class Bench:
    def __init__(self, options, folder, stack):
        self.options, self.folder, self.stack = options, folder, stack
        self.environment = dict(os.environ, HOME=str(folder), ASSAY_CONFIG="/dev/null", COSIGN_PASSWORD="")
        for name in ("SIGSTORE_ID_TOKEN", "ASSAY_CATALOG"):
            self.environment.pop(name, None)
        self.token = folder / "token"

    def mint(self):
        environment = dict(self.environment, HOME=os.environ["HOME"], SIGSTORE_LOCAL_STATE=str(self.stack))
        self.token.write_text(run([STACK / "mint-token"], environment)[0])

    def catalog(self, name, count):
        """A catalog of so many artifacts, none of which is attested."""
        make_archives(self.folder / name, count)
        catalog = self.folder / f"{name}.sqlite"
        run([self.options.assay, "index", self.folder / name, "--catalog", catalog], self.environment)
        return catalog

    def assay_keyless(self, round_number):
        catalog = self.catalog(f"keyless-{round_number}", self.options.artifacts)
        self.mint()
        output, wall, cpu = run(
            [
                self.options.assay, "attest", "--catalog", catalog, "--json", "--keyless", "--signing-config",
                self.stack / "signing_config.json", "--trusted-root", self.stack / "trusted_root.json",
                "--identity-token-file", self.token], self.environment)
        report = json.loads(output)
        if report["attested"] != self.options.artifacts:
            sys.exit(f"not everything was attested: {output}")
        return wall, cpu, report["signer"]["certificates"]

    def assay_key(self, round_number):
        count = self.options.key_artifacts
        catalog = self.catalog(f"key-{round_number}", count)
        output, wall, cpu = run(
            [self.options.assay, "attest", "--catalog", catalog, "--json", "--key", self.folder / "key.pem"],
            self.environment)
        if json.loads(output)["attested"] != count:
            sys.exit(f"not everything was attested: {output}")
        return wall, cpu

    def cosign(self, name):
        artifact = self.folder / name
        artifact.write_text(f"{self.folder} {name} {time.time_ns()}\n")
        predicate = self.folder / "predicate.json"
        predicate.write_text('{"buildDefinition": {"buildType": "https://example.com"}, "runDetails": {}}')
        self.mint()
        _, wall, cpu = run(
            [
                cosign(), "attest-blob", "--yes", "--bundle", self.folder / "bundle.json", "--signing-config",
                self.stack / "signing_config.json", "--trusted-root", self.stack / "trusted_root.json",
                "--identity-token", self.token, "--predicate", predicate, "--type", TYPE, artifact], self.environment)
        return wall, cpu


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--assay", required=True, type=pathlib.Path)
    parser.add_argument("--artifacts", type=int, default=1000)
    parser.add_argument("--key-artifacts", type=int, default=10_000)
    parser.add_argument("--sample", type=int, default=10, help="artifacts that cosign attests before and after a round")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    options.assay = options.assay.resolve()
    with tempfile.TemporaryDirectory(prefix="assay-bench-") as name:
        folder = pathlib.Path(name)
        stack = folder / "sigstore"
        subprocess.run([STACK / "run", "start", "--dir", stack], check=True, stdout=subprocess.DEVNULL)
        try:
            measure(Bench(options, folder, stack))
        finally:
            subprocess.run([STACK / "run", "stop", "--dir", stack], check=True, stdout=subprocess.DEVNULL)


def measure(bench):
    options = bench.options
    own, other, by_key, certificates = [], [], [], []
    run([options.assay, "key", "generate", "--key", bench.folder / "key.pem"], bench.environment)
    for number in range(options.rounds):
        other += [bench.cosign(f"before-{number}-{index}") for index in range(options.sample)]
        wall, cpu, used = bench.assay_keyless(number)
        own.append((wall / options.artifacts, cpu / options.artifacts))
        certificates.append(used)
        other += [bench.cosign(f"after-{number}-{index}") for index in range(options.sample)]
        by_key.append(bench.assay_key(number))
    columns = [[statistics.median(row[column] for row in rows) for column in (0, 1)] for rows in (own, other, by_key)]
    (own_wall, own_cpu), (other_wall, other_cpu), (key_wall, key_cpu) = columns
    print(f"\nKeyless, {options.artifacts} artifacts in a run, {options.rounds} rounds; medians for one artifact")
    print(f"  {'':<24}{'wall ms':>10}{'CPU ms':>10}")
    print(f"  {'assay attest':<24}{own_wall * 1e3:>10.2f}{own_cpu * 1e3:>10.2f}")
    print(f"  {'cosign attest-blob':<24}{other_wall * 1e3:>10.2f}{other_cpu * 1e3:>10.2f}")
    print(f"  cosign takes {other_wall / own_wall:.1f} times the wall time; certificates a run: {max(certificates)}")
    print(f"\nWith a key in a file, {options.key_artifacts} artifacts in a run")
    print(
        f"  {options.key_artifacts / key_wall:.0f} bundles a second; {key_cpu / options.key_artifacts * 1e3:.2f} ms CPU"
        " a bundle")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Makes artifacts with Sigstore bundles as the public-good instance made them, by an instance of its own.

    make-bundles.py FOLDER COUNT

FOLDER gets trusted_root.json, trust_config.json (the same for sigstore-python), distinct/ (COUNT artifacts, each with a
bundle of its own certificate beside it) and shared/ (COUNT copies of the first pair). Every bundle has what costs a
verifier time: a P-256 leaf issued by a P-384 intermediate below a P-384 root, a certificate timestamp, and an entry of a
log of the kind Rekor v1 with promise, inclusion proof of realistic length and a checkpoint of its own. Needs the
package `cryptography`. Keys are thrown away.
"""
import base64
import datetime
import hashlib
import json
import pathlib
import shutil
import struct
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

IDENTITY = "https://example.com/acme/widget/.ci/release.yml@refs/heads/main"
ISSUER = "https://ci.example.com"
REKOR = "rekor.example.com"
PREDICATE = "https://slsa.dev/provenance/v1"
START = datetime.datetime(2025, 6, 1, tzinfo=datetime.timezone.utc)
# Leaves that the log has before the first of ours, so that proofs have as many hashes as in a log of years.
LEAVES_BEFORE = 0x6DB6DB7
SCT_EXTENSION = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")


def b64(data):
    return base64.b64encode(data).decode()


def sha256(data):
    return hashlib.sha256(data).digest()


def sign(key, data):
    return key.sign(data, ec.ECDSA(hashes.SHA256()))


def public_der(key):
    return key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def der(certificate):
    return certificate.public_bytes(serialization.Encoding.DER)


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


class Authority:
    """Fulcio: a root, an intermediate that issues, and the certificate log that promises to show what it issues."""

    def __init__(self):
        self.root_key, self.key, self.log_key = (
            ec.generate_private_key(curve) for curve in (ec.SECP384R1(), ec.SECP384R1(), ec.SECP256R1()))
        self.root = self._certificate("bench", self.root_key, None, self.root_key, 1)
        self.intermediate = self._certificate("bench-intermediate", self.key, self.root, self.root_key, 0)
        self.log_id = sha256(public_der(self.log_key))

    def _certificate(self, name, key, issuer, issuer_key, depth):
        subject = x509.Name([
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "example.com"), x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = (
            x509.CertificateBuilder().subject_name(subject).issuer_name(issuer.subject if issuer else subject)
            .public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(START - datetime.timedelta(days=100))
            .not_valid_after(START + datetime.timedelta(days=3650))
            .add_extension(x509.KeyUsage(False, False, False, False, False, True, True, False, False), critical=True)
            .add_extension(x509.BasicConstraints(True, depth), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False))
        if issuer:
            # Fulcio's intermediate is for code signing only.
            builder = builder.add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        return builder.sign(issuer_key, hashes.SHA384())

    def issue(self, key, time):
        def extension(number, value):
            return x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.57264.1." + str(number)), value)

        def text(value):
            # A UTF8String of less than 128 bytes.
            return bytes([12, len(value)]) + value.encode()

        builder = (
            x509.CertificateBuilder().subject_name(x509.Name([])).issuer_name(self.intermediate.subject)
            .public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(time).not_valid_after(time + datetime.timedelta(minutes=10))
            .add_extension(x509.KeyUsage(True, False, False, False, False, False, False, False, False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
            .add_extension(
                x509.SubjectAlternativeName([x509.UniformResourceIdentifier(IDENTITY)]), critical=True)
            .add_extension(extension(1, ISSUER.encode()), critical=False)
            .add_extension(extension(8, text(ISSUER)), critical=False))
        # What a build's certificate says besides: runner, repository, commit, branch, owner, configuration, trigger.
        for number in range(9, 23):
            builder = builder.add_extension(
                extension(number, text("https://example.com/acme/widget/some/claim/" + str(number))), critical=False)
        precertificate = builder.sign(self.key, hashes.SHA384()).tbs_certificate_bytes
        # RFC 6962, 3.2: what the log signs, and 3.3: the list that the certificate carries.
        milliseconds = struct.pack(">Q", int(time.timestamp()) * 1000)
        promise = (
            b"\0\0" + milliseconds + b"\0\1" + sha256(public_der(self.key))
            + struct.pack(">I", len(precertificate))[1:] + precertificate + b"\0\0")
        signature = sign(self.log_key, promise)
        timestamp = (
            b"\0" + self.log_id + milliseconds + b"\0\0" + b"\4\3" + struct.pack(">H", len(signature)) + signature)
        timestamps = struct.pack(">HH", len(timestamp) + 2, len(timestamp)) + timestamp
        return builder.add_extension(
            x509.UnrecognizedExtension(SCT_EXTENSION, bytes([4, len(timestamps)]) + timestamps), critical=False
        ).sign(self.key, hashes.SHA384())


class Log:
    """Rekor v1: a Merkle tree (RFC 6962) of which only the roots of its full subtrees are kept."""

    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = sha256(public_der(self.key))
        self.size = LEAVES_BEFORE
        # The largest subtree first; what is in those that were there before nobody knows.
        self.subtrees = [
            (level, sha256(b"subtree %d" % level)) for level in reversed(range(64)) if LEAVES_BEFORE >> level & 1]

    def add(self, body):
        """The proof that `body` is the last leaf of a tree, and the log's signature over this tree."""
        index, root = self.size, sha256(b"\0" + body)
        level, node = 0, root
        siblings = [subtree for _, subtree in reversed(self.subtrees)]
        for sibling in siblings:
            root = sha256(b"\1" + sibling + root)
        while self.subtrees and self.subtrees[-1][0] == level:
            node = sha256(b"\1" + self.subtrees.pop()[1] + node)
            level += 1
        self.subtrees.append((level, node))
        self.size += 1
        note = f"{REKOR} - 1193050959916656506\n{self.size}\n{b64(root)}\n"
        line = f"\u2014 {REKOR} {b64(self.id[:4] + sign(self.key, note.encode()))}\n"
        return {
            "logIndex": str(index), "rootHash": b64(root), "treeSize": str(self.size),
            "hashes": [b64(sibling) for sibling in siblings], "checkpoint": {"envelope": note + "\n" + line}}

    def entry(self, envelope, payload, signature, certificate, time):
        body = canonical({
            "apiVersion": "0.0.1", "kind": "dsse", "spec": {
                "envelopeHash": {"algorithm": "sha256", "value": sha256(canonical(envelope)).hex()},
                "payloadHash": {"algorithm": "sha256", "value": sha256(payload).hex()},
                "signatures": [{
                    "signature": b64(signature),
                    "verifier": b64(certificate.public_bytes(serialization.Encoding.PEM))}]}})
        proof = self.add(body)
        # Entries count over all the trees that the log ever had.
        index = int(proof["logIndex"]) + 121_904_262
        seconds = int(time.timestamp())
        promise = canonical({
            "body": b64(body), "integratedTime": seconds, "logID": self.id.hex(), "logIndex": index})
        return {
            "logIndex": str(index), "logId": {"keyId": b64(self.id)},
            "kindVersion": {"kind": "dsse", "version": "0.0.1"}, "integratedTime": str(seconds),
            "inclusionPromise": {"signedEntryTimestamp": b64(sign(self.key, promise))}, "inclusionProof": proof,
            "canonicalizedBody": b64(body)}


def bundle(authority, log, name, artifact, time):
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = authority.issue(key, time)
    payload = json.dumps({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": name, "digest": {"sha256": sha256(artifact).hex()}}],
        "predicateType": PREDICATE,
        "predicate": {
            "buildDefinition": {
                "buildType": "https://example.com/build/v1",
                "externalParameters": {"workflow": {"ref": "refs/heads/main", "repository": "https://example.com/acme/widget"}},
                "resolvedDependencies": [{
                    "uri": "git+https://example.com/acme/widget@refs/heads/main",
                    "digest": {"gitCommit": sha256(name.encode()).hex()[:40]}}]},
            "runDetails": {"builder": {"id": IDENTITY}, "metadata": {"invocationId": "https://ci.example.com/runs/" + name}}}},
        separators=(",", ":")).encode()
    kind = "application/vnd.in-toto+json"
    signature = sign(key, b"DSSEv1 %d %b %d %b" % (len(kind), kind.encode(), len(payload), payload))
    envelope = {"payload": b64(payload), "payloadType": kind, "signatures": [{"sig": b64(signature)}]}
    return json.dumps({
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {
            "certificate": {"rawBytes": b64(der(certificate))},
            "tlogEntries": [log.entry(envelope, payload, signature, certificate, time + datetime.timedelta(seconds=1))]},
        "dsseEnvelope": envelope})


def trusted_root(authority, log):
    since = {"start": "2025-03-01T00:00:00Z"}

    def instance(url, key, name):
        return {
            "baseUrl": url, "hashAlgorithm": "SHA2_256", "logId": {"keyId": b64(name)}, "publicKey": {
                "rawBytes": b64(public_der(key)), "keyDetails": "PKIX_ECDSA_P256_SHA_256", "validFor": since}}

    return {
        "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
        "tlogs": [instance("https://" + REKOR, log.key, log.id)],
        "ctlogs": [instance("https://ctfe.example.com", authority.log_key, authority.log_id)],
        "certificateAuthorities": [{
            "subject": {"organization": "example.com", "commonName": "bench"}, "uri": "https://fulcio.example.com",
            "validFor": since, "certChain": {"certificates": [
                {"rawBytes": b64(der(certificate))} for certificate in (authority.intermediate, authority.root)]}}]}


def main(folder, count):
    authority, log = Authority(), Log()
    for name in ("distinct", "shared"):
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir(parents=True)
    root = trusted_root(authority, log)
    (folder / "trusted_root.json").write_text(json.dumps(root))
    (folder / "trust_config.json").write_text(json.dumps({
        "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json", "trustedRoot": root,
        "signingConfig": {"mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json"}}))
    first = None
    for number in range(count):
        name, artifact = f"{number:05}.bin", b"artifact %d\n" % number
        made = bundle(authority, log, name, artifact, START + datetime.timedelta(seconds=number))
        first = first or (artifact, made)
        for sub, (content, text) in (("distinct", (artifact, made)), ("shared", first)):
            (folder / sub / name).write_bytes(content)
            (folder / sub / (name + ".bundle")).write_text(text)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]), int(sys.argv[2]))

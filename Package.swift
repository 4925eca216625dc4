// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)]

/// A target of ours: its imports are the arrows of docs/ARCHITECTURE.md.
func module(_ name: String, _ dependencies: [Target.Dependency] = [], path: String? = nil) -> Target {
    .target(name: name, dependencies: dependencies, path: path, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies + ["AssayTestSupport"], swiftSettings: strict)
}

func system(_ name: String, _ pkgConfig: String, apt package: String, path: String? = nil) -> Target {
    .systemLibrary(name: name, path: path, pkgConfig: pkgConfig, providers: [.apt([package])])
}

/// One folder of fuzz targets, as tests, or with ASSAY_FUZZ=1 (`make fuzz`) as a program around libFuzzer. In the second
/// case the tests are not there, because a source file belongs to one target only.
let fuzzing: Target =
    Context.environment["ASSAY_FUZZ"] == "1"
    ? .executableTarget(
        name: "assay-fuzz", dependencies: ["Sigstore", "TUF"], path: "Tests/Fuzzing",
        exclude: ["Corpus", "Originals", "Tests"], swiftSettings: strict)
    : .testTarget(
        name: "FuzzingTests", dependencies: ["Sigstore", "TUF"], path: "Tests/Fuzzing",
        exclude: ["Corpus", "Originals", "LibFuzzer"], swiftSettings: strict)

let package = Package(
    name: "assay",
    products: [
        .library(name: "Sigstore", targets: ["Sigstore"])
    ],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/LebJe/TOMLKit", exact: "0.6.0"),
    ],
    targets: [
        system("CCrypto", "libcrypto", apt: "libssl-dev"),
        // Ours, since it loads libcurl (libcurl4-openssl-dev) at run time.
        .target(name: "CCurl"),
        system("CExpat", "expat", apt: "libexpat1-dev"),
        system("CISAL", "libisal", apt: "libisal-dev"),
        .systemLibrary(name: "CSpawn"),
        system("CZip", "libzip", apt: "libzip-dev"),
        system("CZstd", "libzstd", apt: "libzstd-dev"),
        system("CLZMA", "liblzma", apt: "liblzma-dev"),
        .systemLibrary(name: "CBZip2", providers: [.apt(["libbz2-dev"])]),
        system("CFUSE", "fuse3", apt: "libfuse3-dev", path: "mount/CFUSE"),

        module("AssayModel", ["CCrypto"]),
        module("ChildProcess", ["CSpawn"]),
        module("HTTPTransport", ["AssayModel", "CCurl"]),
        module("ObjectStorage", ["AssayModel", "HTTPTransport", "ChildProcess", "CExpat"]),
        module("Archive", ["AssayModel", "CISAL", "CBZip2", "CZstd", "CLZMA"]),
        module("Sigstore", ["CCrypto"]),
        module("Signing", ["AssayModel", "Sigstore", "HTTPTransport", "ObjectStorage", "ChildProcess"]),
        module("TUF", ["AssayModel", "HTTPTransport", "Sigstore"]),
        module("Provenance", ["AssayModel"]),
        module("DigestCatalog", ["AssayModel", .product(name: "GRDB", package: "GRDB.swift")]),
        module("ArtifactView", ["AssayModel", "ObjectStorage", "Archive", "DigestCatalog"]),
        module(
            "Indexing",
            ["AssayModel", "ObjectStorage", "Archive", "DigestCatalog", "Sigstore", "Signing", "Provenance"]),
        module("AssayFUSE", ["AssayModel", "ArtifactView", "ChildProcess", "CFUSE"], path: "mount/AssayFUSE"),
        module("TrustPolicy", ["Sigstore", "AssayConsole", "TOMLKit"]),
        module(
            "AssayConsole", ["TOMLKit", .product(name: "ArgumentParser", package: "swift-argument-parser")]),
        .executableTarget(
            name: "assay",
            dependencies: [
                "AssayConsole", "AssayModel", "ObjectStorage", "Archive", "DigestCatalog", "Sigstore", "Signing",
                "Provenance", "Indexing", "ArtifactView", "AssayFUSE", "TrustPolicy", "TUF",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),

        .executableTarget(name: "assay-conformance", dependencies: ["Sigstore", "Signing"], swiftSettings: strict),
        .executableTarget(name: "assay-tuf-conformance", dependencies: ["Sigstore", "TUF"], swiftSettings: strict),

        .target(
            name: "AssayTestSupport",
            dependencies: ["AssayModel", "ObjectStorage", "CISAL", "CBZip2", "CZstd", "CLZMA"],
            path: "Tests/AssayTestSupport", swiftSettings: strict),
        tests("AssayModelTests", ["AssayModel"]),
        tests("ChildProcessTests", ["ChildProcess"]),
        tests("ObjectStorageTests", ["ObjectStorage"]),
        tests("ArchiveTests", ["Archive", "CZip"]),
        tests("DigestCatalogTests", ["DigestCatalog"]),
        tests("TUFTests", ["TUF", "Sigstore", "CCrypto", "assay-tuf-conformance"]),
        tests("SigstoreTests", ["Sigstore", "assay-conformance"]),
        tests("SigningTests", ["Signing", "Sigstore", "HTTPTransport", "AssayModel"]),
        tests(
            "IndexingTests",
            ["Indexing", "DigestCatalog", "Archive", "ObjectStorage", "Provenance", "Sigstore", "Signing"]),
        fuzzing,
        tests("ArtifactViewTests", ["ArtifactView", "Indexing", "DigestCatalog", "Archive", "ObjectStorage"]),
        tests("TrustPolicyTests", ["TrustPolicy", "Sigstore"]),
        tests("ProvenanceTests", ["Provenance", "Sigstore"]),
        tests("AssayFUSETests", ["AssayFUSE", "ArtifactView", "ChildProcess"]),
        tests("AssayConsoleTests", ["AssayConsole", "assay"]),
        tests(
            "EndToEndTests",
            ["AssayModel", "ObjectStorage", "DigestCatalog", "Sigstore", "assay", "assay-conformance"]),
    ]
)

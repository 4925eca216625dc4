import Foundation
import Sigstore
import TUF

/// The client protocol of the conformance suite of The Update Framework: `init`, `refresh` and `download` say by their
/// exit status whether they did it.
@main struct TUFConformance {
    struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    private static let options: Set = [
        "--metadata-dir", "--metadata-url", "--target-name", "--target-base-url", "--target-dir",
    ]

    static func main() async {
        do {
            try await run(CommandLine.arguments.dropFirst(), now: UTCTime(seconds: time(nil)))
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            exit(1)
        }
    }

    static func run(_ arguments: some Collection<String>, now: UTCTime) async throws {
        var values: [String: String] = [:]
        var words: [String] = []
        var rest = Array(arguments)[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("--") else {
                words.append(argument)
                continue
            }
            guard options.contains(argument), let value = rest.popFirst() else {
                throw Refusal(description: "The option \(argument) is not known, or its value is missing.")
            }
            values[argument] = value
        }
        func value(_ option: String) throws -> String {
            guard let value = values[option] else { throw Refusal(description: "The option \(option) is missing.") }
            return value
        }
        let cache = MetadataCache(try value("--metadata-dir"))
        switch words.first {
        case "init" where words.count == 2:
            try cache.write("root", Array(try Data(contentsOf: URL(filePath: words[1]))))
        case "refresh" where words.count == 1:
            var updater = try Updater(mirror: HTTPMirror(value("--metadata-url")), cache: cache, now: now)
            try await updater.refresh()
        case "download" where words.count == 1:
            var updater = try Updater(mirror: HTTPMirror(value("--metadata-url")), cache: cache, now: now)
            let name = try value("--target-name")
            guard let target = try await updater.target(name) else { throw TUFError.unknownTarget(name) }
            let files = try HTTPMirror(value("--target-base-url"))
            print(try await updater.download(target, from: files, into: value("--target-dir")))
        default:
            throw Refusal(
                description: "Usage: assay-tuf-conformance --metadata-dir DIR init ROOT | --metadata-url URL refresh | "
                    + "--metadata-url URL --target-name NAME --target-base-url URL --target-dir DIR download")
        }
    }
}

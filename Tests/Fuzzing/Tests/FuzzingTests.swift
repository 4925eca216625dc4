import Foundation
import Testing

@testable import Sigstore
@testable import TUF

/// Every way in for input from outside, with inputs that are known and with ones that are made. `make fuzz` looks for more.
@Suite struct FuzzingTests {
    @Test(arguments: FuzzTarget.all) func everyInputOfTheCorpusIsBorne(_ target: FuzzTarget) throws {
        let inputs = try Corpus.inputs(of: target.name)
        #expect(!inputs.isEmpty, "Corpus/\(target) has no seeds")
        for input in inputs {
            #expect(throws: Never.self, "Corpus/\(target)/\(input.name)") { try target.run(input.bytes) }
        }
    }

    /// `ASSAY_FUZZ_RUNS` makes it more, with other inputs than the tests' own.
    @Test(arguments: FuzzTarget.all) func everyMutationIsBorne(_ target: FuzzTarget) throws {
        let more = ProcessInfo.processInfo.environment["ASSAY_FUZZ_RUNS"].flatMap { Int($0) }
        let inputs = try Corpus.inputs(of: target.name).map(\.bytes)
        try #require(!inputs.isEmpty)
        for seed in 0..<(more ?? 200) {
            var mutator = Mutator(random: SplitMix(seed: UInt64(seed) &* 0x1_0000_01B3), others: inputs)
            let input = mutator.mutate(inputs[seed % inputs.count], form: target.form)
            #expect(throws: Never.self, "seed \(seed): \(Data(input.prefix(20_000)).base64EncodedString())") {
                try target.run(input)
            }
        }
    }

    /// Damage that the first parser always refuses, or never notices, would tell nothing about what comes behind it.
    @Test func mutationsReachWhatIsBehindTheParsers() throws {
        func survivors(_ target: String, _ form: FuzzTarget.Form, _ parse: ([UInt8]) throws -> Void) throws -> Int {
            let inputs = try Corpus.inputs(of: target).map(\.bytes)
            var mutator = Mutator(random: SplitMix(seed: 1), others: inputs)
            return (0..<300).count { number in
                (try? parse(mutator.mutate(inputs[number % inputs.count], form: form))) != nil
            }
        }
        let range = 20..<280
        #expect(range.contains(try survivors("bundle", .json) { _ = try SigstoreDocument(parsing: $0) }))
        #expect(range.contains(try survivors("certificate", .der) { _ = try Certificate(der: $0) }))
        #expect(range.contains(try survivors("timestamp", .der) { _ = try TimestampCheck(der: $0) }))
        #expect(
            range.contains(
                try survivors("tuf-root", .json) { _ = try RootMetadata(parsing: $0, limits: UpdateLimits()) }))
        #expect(
            range.contains(
                try survivors("regular-expression", .text) {
                    _ = try RegularExpression(parsing: String(decoding: $0.prefix { $0 != 0x0A }, as: UTF8.self))
                }))
        #expect((5..<270).contains(try survivors("public-key", .pem) { _ = try PublicKey(pem: $0) }))
    }

    @Test func everyFolderOfTheCorpusHasATarget() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Corpus.folder.path)
        #expect(Set(folders) == Set(FuzzTarget.all.map(\.name)))
    }
}

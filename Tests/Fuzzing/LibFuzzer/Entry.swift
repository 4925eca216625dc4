import Foundation

// What libFuzzer calls: it owns `main`. Which target it runs is in ASSAY_FUZZ_TARGET, because the arguments are its own.

private let target: FuzzTarget = {
    let name = ProcessInfo.processInfo.environment["ASSAY_FUZZ_TARGET"] ?? ""
    guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
        print(
            "ASSAY_FUZZ_TARGET is \"\(name)\"; it must be one of: \(FuzzTarget.all.map(\.name).joined(separator: " "))")
        exit(2)
    }
    return target
}()

private let others = ((try? Corpus.inputs(of: target.name)) ?? []).map(\.bytes)

/// Runs the target on one input. A broken promise ends the process, so that libFuzzer keeps the input.
@_cdecl("LLVMFuzzerTestOneInput")
public func runOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do {
        try target.run(Array(UnsafeBufferPointer(start: data, count: count)))
    } catch {
        print("The target \(target) broke its promise: \(error)")
        abort()
    }
    return 0
}

@_silgen_name("LLVMFuzzerMutate")
private func libFuzzerMutate(_ data: UnsafeMutablePointer<UInt8>, _ count: Int, _ limit: Int) -> Int

/// Half of the changes are libFuzzer's own, which learn from what the program compares; half know the input's form.
@_cdecl("LLVMFuzzerCustomMutator")
public func mutateInput(
    _ data: UnsafeMutablePointer<UInt8>, _ count: Int, _ limit: Int, _ seed: UInt32
) -> Int {
    var mutator = Mutator(random: SplitMix(seed: UInt64(seed)), others: others, limit: limit)
    if mutator.random.isOne(in: 2) { return libFuzzerMutate(data, count, limit) }
    let input = Array(UnsafeBufferPointer(start: data, count: count))
    let changed = mutator.mutate(input, form: target.form).prefix(limit)
    for (index, byte) in changed.enumerated() { data[index] = byte }
    return changed.count
}

/// A regular expression in the syntax of RE2, which is cosign's and sigstore-go's, searched for in linear time.
///
/// Who signs chooses the text of a certificate, so no text may make the search long: all ways through the expression
/// are followed at once, a scalar of the text at a time (Thompson's construction). For a text of n scalars that takes no
/// more than n + 1 times the steps that the program has instructions.
struct RegularExpression: Hashable, Sendable {
    /// What must hold between two scalars.
    enum Assertion: Hashable, Sendable {
        case start, end, wordBoundary, noWordBoundary
    }

    /// An expression taken apart.
    indirect enum Node {
        case empty
        case set(ScalarSet)
        case assertion(Assertion)
        case sequence([Node])
        case alternatives([Node])
        /// Without a maximum as often as there is.
        case repetition(Node, minimum: Int, maximum: Int?)
    }

    private enum Instruction: Hashable, Sendable {
        case set(ScalarSet)
        case assertion(Assertion)
        case either(Int, Int)
        case jump(Int)
        case found
    }

    private var program: [Instruction] = []

    /// - Throws: `malformed` if `text` is none that can be used, with the place in it; `limitExceeded`.
    init(parsing text: String, limits: Limits = Limits()) throws(SigstoreError) {
        let node = try RegularExpressionParser.node(of: text, limits: limits)
        try emit(node, limits.expressionInstructions)
        try append(.found, limits.expressionInstructions)
    }

    /// How many instructions there are.
    var size: Int { program.count }

    func isFound(in text: String) -> Bool { search(Array(text.unicodeScalars)).isFound }

    /// Whether the expression is found anywhere, and how many instructions were looked at for that.
    func search(_ text: [Unicode.Scalar]) -> (isFound: Bool, steps: Int) {
        var steps = 0
        // At which place of the text an instruction was reached last, so that it is looked at once there.
        var reached = [Int](repeating: -1, count: program.count)
        var waiting: [Int] = []
        var next: [Int] = []
        for place in 0...text.count {
            var pending = waiting
            // The search begins at every place anew.
            pending.append(0)
            next.removeAll(keepingCapacity: true)
            while let number = pending.popLast() {
                guard reached[number] != place else { continue }
                reached[number] = place
                steps += 1
                switch program[number] {
                case .found: return (true, steps)
                case .jump(let target): pending.append(target)
                case .either(let first, let second):
                    pending.append(second)
                    pending.append(first)
                case .assertion(let assertion):
                    if Self.holds(assertion, at: place, of: text) { pending.append(number + 1) }
                case .set(let set):
                    if place < text.count, set.contains(text[place]) { next.append(number + 1) }
                }
            }
            swap(&waiting, &next)
        }
        return (false, steps)
    }

    private static func holds(_ assertion: Assertion, at place: Int, of text: [Unicode.Scalar]) -> Bool {
        var isBoundary: Bool {
            let isAfterWord = place > 0 && ScalarSet.word.contains(text[place - 1])
            let isBeforeWord = place < text.count && ScalarSet.word.contains(text[place])
            return isAfterWord != isBeforeWord
        }
        return switch assertion {
        case .start: place == 0
        case .end: place == text.count
        case .wordBoundary: isBoundary
        case .noWordBoundary: !isBoundary
        }
    }
}

// Every node becomes one instruction at least, so the limit on them bounds the work of repetitions in repetitions, too.
extension RegularExpression {
    private mutating func append(_ instruction: Instruction, _ limit: Int) throws(SigstoreError) {
        guard program.count < limit else {
            throw .limitExceeded(what: "instructions of a regular expression", limit: limit)
        }
        program.append(instruction)
    }

    private mutating func emit(_ node: Node, _ limit: Int) throws(SigstoreError) {
        switch node {
        case .empty: try append(.jump(program.count + 1), limit)
        case .set(let set): try append(.set(set), limit)
        case .assertion(let assertion): try append(.assertion(assertion), limit)
        case .sequence(let nodes):
            for node in nodes { try emit(node, limit) }
        case .alternatives(let nodes): try emit(alternatives: nodes, limit)
        case .repetition(let node, let minimum, let maximum):
            try emit(.empty, limit)
            for _ in 0..<minimum { try emit(node, limit) }
            if let maximum {
                for _ in minimum..<max(minimum, maximum) { try emitOptional(node, isRepeated: false, limit) }
            } else {
                try emitOptional(node, isRepeated: true, limit)
            }
        }
    }

    /// The node or nothing, and again if it is repeated.
    private mutating func emitOptional(_ node: Node, isRepeated: Bool, _ limit: Int) throws(SigstoreError) {
        let choice = program.count
        try append(.found, limit)
        try emit(node, limit)
        if isRepeated { try append(.jump(choice), limit) }
        program[choice] = .either(choice + 1, program.count)
    }

    private mutating func emit(alternatives nodes: [Node], _ limit: Int) throws(SigstoreError) {
        var ends: [Int] = []
        for (index, node) in nodes.enumerated() {
            guard index < nodes.count - 1 else {
                try emit(node, limit)
                break
            }
            let choice = program.count
            try append(.found, limit)
            try emit(node, limit)
            ends.append(program.count)
            try append(.found, limit)
            program[choice] = .either(choice + 1, program.count)
        }
        for end in ends { program[end] = .jump(program.count) }
    }
}

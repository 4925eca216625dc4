/// Options with a value each, flags, and one more argument.
struct Arguments {
    let values: [String: String]
    let flags: Set<String>
    let subject: String

    private static let options: Set = [
        "--bundle", "--key", "--certificate-identity", "--certificate-oidc-issuer", "--trusted-root",
        "--identity-token", "--signing-config",
    ]
    private static let knownFlags: Set = ["--in-toto"]

    init(_ arguments: some Collection<String>) throws {
        var values: [String: String] = [:]
        var flags: Set<String> = []
        var others: [String] = []
        var rest = Array(arguments)[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("--") else {
                others.append(argument)
                continue
            }
            if Self.knownFlags.contains(argument) {
                flags.insert(argument)
                continue
            }
            guard Self.options.contains(argument), let value = rest.popFirst() else {
                throw Conformance.Refusal(description: "The option \(argument) is not known, or its value is missing.")
            }
            guard values.updateValue(value, forKey: argument) == nil else {
                throw Conformance.Refusal(description: "The option \(argument) is there twice.")
            }
        }
        guard others.count == 1 else {
            throw Conformance.Refusal(description: "Give one file or digest; there are \(others.count).")
        }
        self.values = values
        self.flags = flags
        subject = others[0]
    }

    func value(_ option: String) throws -> String {
        guard let value = values[option] else {
            throw Conformance.Refusal(description: "The option \(option) is missing.")
        }
        return value
    }
}

@testable import Sigstore

/// What a target promised and did not keep.
struct BrokenPromise: Error, CustomStringConvertible {
    let description: String
}

/// Checks a promise.
///
/// - Throws: `BrokenPromise` with its text if it does not hold.
func promise(_ text: String, _ holds: Bool) throws {
    guard holds else { throw BrokenPromise(description: text) }
}

/// What `body` makes of the input; nil if it refuses it, with a message that is fit to be shown.
func accepted<Result, Refusal: Error & CustomStringConvertible>(
    _ body: () throws(Refusal) -> Result
) throws -> Result? {
    do throws(Refusal) {
        return try body()
    } catch {
        let message = error.description
        try promise("a message says something", !message.isEmpty)
        try promise("a message is short: \(message.utf8.count) bytes", message.utf8.count < 20_000)
        try promise("a message is safe to show", isSafeToShow(message))
        return nil
    }
}

/// Whether `body` takes the input; if not, its message is fit to be shown.
func isAccepted<Refusal: Error & CustomStringConvertible>(_ body: () throws(Refusal) -> Void) throws -> Bool {
    let outcome: Void? = try accepted(body)
    return outcome != nil
}

/// Whether a terminal shows the text as it is.
func isSafeToShow(_ text: String) -> Bool { !text.unicodeScalars.contains(where: TerminalText.isUnsafe) }

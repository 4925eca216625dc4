/// Guesses what a misspelt word was meant to be.
package enum Spelling {
    /// The candidate with the fewest edits to `word`, if that is at most a third of the word's length.
    package static func nearest(to word: String, among candidates: [String]) -> String? {
        let scored = candidates.map { (word: $0, edits: edits(from: word, to: $0)) }
        guard let best = scored.min(by: { ($0.edits, $0.word) < ($1.edits, $1.word) }) else { return nil }
        return best.edits <= max(1, word.count / 3) ? best.word : nil
    }

    /// Levenshtein's distance: insertions, deletions and replacements of one character.
    static func edits(from: String, to: String) -> Int {
        // Keys of a configuration file are short; what is longer is no misspelling.
        let from = Array(from.prefix(64))
        let to = Array(to.prefix(64))
        var row = Array(0...to.count)
        for (i, a) in from.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in to.enumerated() {
                let replaced = diagonal + (a == b ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
            }
        }
        return row[to.count]
    }
}

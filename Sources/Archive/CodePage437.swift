/// The character set of names that say nothing of UTF-8 (APPNOTE, appendix D): IBM's code page 437.
enum CodePage437 {
    /// Every byte is a character; those below 128 are ASCII.
    static func decode(_ bytes: UnsafeRawBufferPointer) -> String {
        var text = String.UnicodeScalarView()
        for byte in bytes {
            text.append(byte < 128 ? Unicode.Scalar(byte) : upperHalf[Int(byte) - 128])
        }
        return String(text)
    }

    private static let upperHalf = Array(
        ("ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐"
            + "└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}").unicodeScalars)
}

internal import CCrypto

/// Bytes that are overwritten when the last owner lets go of them: a private key, a passphrase.
public final class SecretBytes: @unchecked Sendable {
    // Written once, in init; only read afterwards, hence Sendable.
    private let storage: UnsafeMutableRawBufferPointer

    private init(count: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void) {
        storage = .allocate(byteCount: count, alignment: 1)
        fill(storage)
    }

    convenience init(copying bytes: UnsafeRawBufferPointer) {
        self.init(count: bytes.count) { $0.copyMemory(from: bytes) }
    }

    /// A copy of `bytes`; the caller's own are the caller's to wipe.
    public convenience init(_ bytes: some Collection<UInt8>) {
        var array = Array(bytes)
        self.init(wiping: &array)
    }

    /// Takes the bytes over, and leaves an empty array whose former content is overwritten: all of it, if no other
    /// variable holds the same array.
    public convenience init(wiping bytes: inout [UInt8]) {
        self.init(count: bytes.count) { target in
            bytes.withUnsafeMutableBytes { source in
                target.copyMemory(from: UnsafeRawBufferPointer(source))
                OPENSSL_cleanse(source.baseAddress, source.count)
            }
        }
        bytes = []
    }

    deinit {
        OPENSSL_cleanse(storage.baseAddress, storage.count)
        storage.deallocate()
    }

    /// How many bytes.
    public var count: Int { storage.count }

    /// Calls `body` with the bytes; the pointer is not valid afterwards, and copies are the caller's to wipe.
    public func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try withExtendedLifetime(self) { () throws(E) -> R in try body(UnsafeRawBufferPointer(storage)) }
    }
}

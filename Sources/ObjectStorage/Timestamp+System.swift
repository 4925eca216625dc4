import AssayModel
import Foundation

extension Timestamp {
    /// The system's time.
    static func systemTime() -> Timestamp { Timestamp(seconds: time(nil)) }
}

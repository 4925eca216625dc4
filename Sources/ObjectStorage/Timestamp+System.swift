import AssayModel
import Foundation

extension Timestamp {
    /// The system's time.
    package static func systemTime() -> Timestamp { Timestamp(seconds: time(nil)) }
}

import ArgumentParser
import AssayConsole
import AssayFUSE

/// `assay umount`: the end of a mount.
struct UmountCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "umount",
        abstract: "Unmount a mounted tree.",
        usage: "assay umount [<mountpoint>] [<options>]",
        discussion: """
            Without a mount point, lists what is mounted.

            EXAMPLES:
              assay umount
              assay umount /mnt/artifacts
              assay umount --lazy /mnt/artifacts     even if files are open; the mount ends with their closing
            """)

    @OptionGroup var common: CommonFlags
    @Argument(help: "Where the tree is mounted.")
    var mountpoint: String?
    @Flag(help: "Let go of the mount now, and end it when the last file is closed.")
    var lazy = false

    private struct Unmounted: Encodable { let unmounted: String }
    private struct Mounts: Encodable { let mounts: [String] }

    func run(settings: Settings, console: Console) async throws(CommandError) -> CommandStatus {
        guard let mountpoint else {
            let mounts = FUSEMount.mounts()
            console.result(Mounts(mounts: mounts)) {
                mounts.isEmpty ? "Nothing of Assay is mounted" : ConsoleText(escaped: mounts.joined(separator: "\n"))
            }
            return .success
        }
        do { try FUSEMount.unmount(path: mountpoint, lazy: lazy) } catch { throw CommandError(error) }
        console.result(Unmounted(unmounted: mountpoint)) { "Unmounted \(mountpoint)" }
        return .success
    }
}

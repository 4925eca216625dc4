import Testing

@testable import AssayConsole

@Suite struct SettingValueTests {
    @Test(
        arguments: [
            ("1", 1), ("4096", 4096), ("64MiB", 64 << 20), ("64 mib", 64 << 20), ("1GB", 1_000_000_000),
            ("1.5GiB", 3 << 29), ("2kB", 2000), ("8TiB", 8 << 40), (" 7 B ", 7), ("0.5KiB", 512),
        ])
    func readsSizes(text: String, bytes: Int) throws {
        #expect(try ByteSize(settingText: text).bytes == bytes)
    }

    @Test(
        arguments: [
            "", "0", "-1", "MiB", "1 0MiB", "1Mi", "1.2.3MiB", "64 M iB", "٣MiB", "0x10", "1e9",
            "9223372036854775808", "9000000TiB", "0.0000001GiB",
        ])
    func refusesWhatIsNoSize(text: String) {
        #expect(throws: SettingSyntaxError.self) { try ByteSize(settingText: text) }
    }

    @Test(arguments: ["1", "1023", "1KiB", "1025", "3MiB", "1536KiB", "64GiB", "1TiB"])
    func writesSizesBackUnrounded(text: String) throws {
        let size = try ByteSize(settingText: text)
        #expect(size.settingText == text)
    }

    @Test(
        arguments: [
            ("500ms", 500), ("30s", 30_000), ("1.5s", 1500), ("15m", 900_000), ("12h", 43_200_000),
            ("90d", 7_776_000_000), ("1w", 604_800_000), ("2y", 63_072_000_000), ("0s", 0),
        ])
    func readsDurations(text: String, milliseconds: Int) throws {
        let span = try TimeSpan(settingText: text)
        #expect(span.milliseconds == milliseconds)
        #expect(span.duration == .milliseconds(milliseconds))
        #expect(span.seconds == milliseconds / 1000)
    }

    @Test(arguments: ["", "30", "s", "-1s", "1 month", "2Y", "1M", "1h30m", "999999999999y"])
    func refusesWhatIsNoDuration(text: String) {
        #expect(throws: SettingSyntaxError.self) { try TimeSpan(settingText: text) }
    }

    @Test(arguments: ["0s", "1ms", "1500ms", "90s", "2m", "36h", "8d", "2y"])
    func writesDurationsBackUnrounded(text: String) throws {
        #expect(try TimeSpan(settingText: text).settingText == text)
    }

    @Test func readsTheWordsForTrueAndFalse() throws {
        for text in ["true", "YES", "on", "1"] { #expect(try Bool(settingText: text)) }
        for text in ["false", "No", "off", "0"] { #expect(try !Bool(settingText: text)) }
        #expect(throws: SettingSyntaxError.self) { try Bool(settingText: "maybe") }
    }

    @Test(arguments: ["0", "-3", "2.5", "two", ""])
    func refusesWhatIsNoPositiveCount(text: String) {
        #expect(throws: SettingSyntaxError.self) { try PositiveCount(settingText: text) }
    }

    @Test func choicesNameTheirWordsWhenRefusing() {
        #expect {
            try ColorChoice(settingText: "sometimes")
        } throws: { error in
            "\(error)".contains("auto, always, never")
        }
    }

    @Test func pathsFillInTheUsersFolders() throws {
        let folders = UserFolders(environment: ["HOME": "/home/ann", "XDG_DATA_HOME": "/data"])
        func path(_ text: String) throws -> String { try SettingPath(settingText: text).resolved(in: folders).path }
        #expect(try path("~/keys/a.pem") == "/home/ann/keys/a.pem")
        #expect(try path("~") == "/home/ann")
        #expect(try path("$XDG_DATA_HOME/x") == "/data/x")
        #expect(try path("$XDG_CONFIG_HOME/x") == "/home/ann/.config/x")
        #expect(try path("relative/~/x") == "relative/~/x")
        #expect(try path("~bob/x") == "~bob/x")
        #expect(throws: SettingSyntaxError.self) { try SettingPath(settingText: "a\0b") }
    }

    @Test func relativeFoldersOfTheEnvironmentDoNotCount() throws {
        let folders = UserFolders(environment: ["HOME": "/", "XDG_CONFIG_HOME": "relative"])
        #expect(SettingPath("$XDG_CONFIG_HOME/assay").resolved(in: folders).path == "/.config/assay")
        #expect(SettingPath("~").resolved(in: folders).path == "/")
    }
}

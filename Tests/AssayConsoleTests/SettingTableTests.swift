import Foundation
import Testing

@testable import AssayConsole

/// The three names of each setting, and the documented configuration file.
@Suite struct SettingTableTests {
    @Test func tableHoldsEverySettingOnce() {
        let names = SettingTable.rows.map(\.name)
        #expect(names.count == Mirror(reflecting: SettingTable.standard).children.count)
        #expect(Set(names).count == names.count)
    }

    @Test func namesFollowFromOneAnother() {
        let setting = SettingTable.standard.s3CAFile
        #expect(setting.flag == "--s3-ca-file")
        #expect(setting.environmentName == "ASSAY_S3_CA_FILE")
        #expect(setting.fileKey == ["s3", "ca-file"])
        #expect(SettingTable.standard.keyPasswordFile.fileKey == ["key-password-file"])
        #expect(SettingTable.standard.readWindow.fileKey == ["read-window"])
        #expect(SettingTable.standard.signingConfig.fileKey == ["signing", "config"])
        #expect(SettingTable.standard.fulcioURL.fileKey == ["signing", "fulcio-url"])
        #expect(SettingTable.standard.trustedRoot.fileKey == ["trust", "trusted-root"])
    }

    @Test(arguments: SettingTable.rows.map(\.name))
    func everyDefaultIsAValueOfItsSetting(name: String) throws {
        let setting = try #require(SettingTable.rows.first { $0.name == name })
        guard !setting.defaultText.isEmpty else { return }
        #expect(try setting.parse(setting.defaultText).settingText == setting.defaultText)
    }

    @Test(arguments: SettingTable.rows.map(\.name))
    func everySettingHasItsFlag(name: String) throws {
        let setting = try #require(SettingTable.rows.first { $0.name == name })
        let value = [
            "size": "1KiB", "count": "3", "duration": "3s", "text": "x", "path": "/x", "auto|always|never": "never",
            "auto|path|virtual": "path", "1|2": "1",
        ][setting.placeholder]
        let arguments = [setting.flag] + (setting.forms == [.boolean] ? [] : [try #require(value)])
        let command = try #require(try ProbeRoot.parseAsRoot(["probe"] + arguments) as? Probe)
        let settings = try command.settings(environment: ["ASSAY_CONFIG": "/dev/null"])
        let row = try #require(settings.report().first { $0.setting.name == name })
        #expect(row.origin == .flag(setting.flag))
        #expect(row.text == value ?? "true")
    }

    /// Every key stands in `config/assay.toml` once, in its table, after a comment, with its default or, if it has
    /// none, with an example; nothing else stands there.
    @Test func exampleFileDocumentsExactlyAllKeys() throws {
        let text = try String(contentsOf: Package.root.appending(path: "config/assay.toml"), encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let uncommented = lines.map { $0.hasPrefix("#") && !$0.hasPrefix("# ") ? $0.dropFirst() : $0 }
        for (line, code) in zip(lines.indices, uncommented) where lines[line].first == "#" && code.contains(" = ") {
            #expect(lines[line - 1].hasPrefix("# ") || code.hasPrefix("#"), "line \(line + 1) has no comment above it")
        }
        let file = try SettingsFile(text: uncommented.joined(separator: "\n"), path: "config/assay.toml")
        #expect(Set(file.items.keys) == Set(SettingTable.rows.map(\.name)))
        for setting in SettingTable.rows where !setting.defaultText.isEmpty {
            #expect(file.items[setting.name]?.text == setting.defaultText)
        }
        _ = try Settings(flags: [], environment: [:], file: file)
    }

    @Test func exampleFileChangesNothing() throws {
        let path = Package.root.appending(path: "config/assay.toml").path()
        let file = try #require(try SettingsFile.find(named: path, environment: [:]))
        #expect(file.items.isEmpty)
    }
}

@Suite struct KeyLinesTests {
    @Test func eachTableOfAnArrayHasLinesOfItsOwn() {
        let lines = KeyLines(
            """
            a = 1
            [[signer]]
            b = 2
            [signer.extensions]
            c = 3
            [[signer]]
            b = 4
            [other.extensions]
            c = 5
            """)
        #expect(lines[["a"]] == 1 && lines[["signer", "0", "b"]] == 3 && lines[["signer", "1", "b"]] == 7)
        #expect(lines[["signer", "0", "extensions", "c"]] == 5 && lines[["other", "extensions", "c"]] == 9)
        #expect(lines[["signer"]] == 2 && lines[["signer", "1"]] == 6)
    }
}

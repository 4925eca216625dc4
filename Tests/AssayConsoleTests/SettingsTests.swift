import Foundation
import Testing

@testable import AssayConsole

@Suite struct SettingsTests {
    private func settings(
        flags: [String: String] = [:], environment: [String: String] = [:], file text: String? = nil
    ) throws -> Settings {
        let file = try text.map { try SettingsFile(text: $0, path: "assay.toml") }
        let flags = flags.map { SettingFlag(name: $0.key, text: $0.value) }
        return try Settings(flags: flags, environment: environment, file: file)
    }

    private func failure(_ body: () throws -> Settings) -> CommandError? {
        do {
            _ = try body()
            return nil
        } catch {
            return error as? CommandError
        }
    }

    private func origin(_ name: String, of settings: Settings) -> SettingOrigin? {
        settings.report().first { $0.setting.name == name }?.origin
    }

    @Test func flagComesBeforeEnvironmentBeforeFileBeforeDefault() throws {
        let environment = ["ASSAY_S3_REGION": "from-environment"]
        let file = "[s3]\nregion = \"from-file\""
        let all = try settings(flags: ["s3-region": "from-flag"], environment: environment, file: file)
        #expect(all.s3Region == "from-flag")
        #expect(origin("s3-region", of: all) == .flag("--s3-region"))
        let withoutFlag = try settings(environment: environment, file: file)
        #expect(withoutFlag.s3Region == "from-environment")
        #expect(origin("s3-region", of: withoutFlag) == .environment("ASSAY_S3_REGION"))
        let fileOnly = try settings(file: file)
        #expect(fileOnly.s3Region == "from-file")
        #expect(origin("s3-region", of: fileOnly) == .file(path: "assay.toml", line: 2))
        let none = try settings()
        #expect(none.s3Region == nil)
        #expect(origin("s3-region", of: none) == .fallback)
    }

    @Test func everyTypeReadsFromTheFile() throws {
        let settings = try settings(
            environment: ["HOME": "/home/ann"],
            file: """
                jobs = 7
                read-window = "1MiB"
                color = "never"
                catalog = "~/c.sqlite"
                attestation-expiry = "90d"
                limit.entry-size = 1000
                [mount]
                allow-other = true
                """)
        #expect(settings.jobs.value == 7)
        #expect(settings.readWindow.bytes == 1 << 20)
        #expect(settings.color == .never)
        #expect(settings.catalog.path == "/home/ann/c.sqlite")
        #expect(settings.attestationExpiry.seconds == 90 * 86_400)
        #expect(settings.limitEntrySize.bytes == 1000)
        #expect(settings.mountAllowOther)
    }

    @Test func anEmptyVariableIsNoVariable() throws {
        #expect(try settings(environment: ["ASSAY_S3_REGION": ""]).s3Region == nil)
    }

    @Test func unknownKeysAreErrorsWithLineAndSuggestion() throws {
        let error = try #require(failure { try settings(file: "jobs = 2\n\n[s3]\n# endpoint\nendpiont = \"x\"\n") })
        #expect(error.status == .usage)
        #expect(error.message == "assay.toml:5: there is no setting s3.endpiont")
        #expect(error.hint == "Did you mean s3.endpoint?")
    }

    @Test func unknownTablesAreErrors() throws {
        let error = try #require(failure { try settings(file: "[s4]\nendpoint = \"x\"") })
        #expect(error.message.hasPrefix("assay.toml:1: there is no setting s4"))
        #expect(error.hint == "Did you mean s3?")
    }

    @Test func wrongTypesInTheFileAreErrors() throws {
        #expect(failure { try settings(file: "jobs = \"2\"") }?.message == "assay.toml:1: jobs must be an integer")
        #expect(
            failure { try settings(file: "read-window = true") }?.message
                == "assay.toml:1: read-window must be a string or an integer")
        #expect(failure { try settings(file: "s3 = 3") }?.message == "assay.toml:1: there is no setting s3")
        #expect(failure { try settings(file: "[jobs]\nx = 1") }?.message == "assay.toml:1: jobs must be an integer")
    }

    @Test func textThatIsNoValueNamesWhereItCameFrom() throws {
        let inFile = try #require(failure { try settings(file: "\nattestation-expiry = \"soon\"") })
        #expect(inFile.message.hasPrefix("assay.toml:2: “soon” is not a duration"))
        #expect(inFile.hint == "The default is 2y.")
        let inEnvironment = try #require(failure { try settings(environment: ["ASSAY_JOBS": "many"]) })
        #expect(inEnvironment.message.hasPrefix("ASSAY_JOBS: “many” is not a whole number"))
    }

    @Test func brokenTOMLNamesItsLine() throws {
        let error = try #require(failure { try settings(file: "jobs = 2\ncolor = \n") })
        #expect(error.message.hasPrefix("assay.toml:2: "))
        #expect(error.status == .usage)
    }

    @Test func fileIsSoughtByFlagThenVariableThenUserFolder() async throws {
        try await withTemporaryFolder { folder in
            func write(_ name: String, jobs: Int) throws -> String {
                let url = folder.appending(path: name)
                try FileManager.default.createDirectory(
                    at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data("jobs = \(jobs)".utf8).write(to: url)
                return url.path()
            }
            let byFlag = try write("flag.toml", jobs: 11)
            let byVariable = try write("variable.toml", jobs: 12)
            _ = try write("assay/assay.toml", jobs: 13)
            var environment = ["XDG_CONFIG_HOME": folder.path(), "ASSAY_CONFIG": byVariable]
            func jobs(_ path: String?) throws -> String? {
                try SettingsFile.find(named: path, environment: environment)?.items["jobs"]?.text
            }
            #expect(try jobs(byFlag) == "11")
            #expect(try jobs(nil) == "12")
            environment["ASSAY_CONFIG"] = nil
            #expect(try jobs(nil) == "13")
            #expect(throws: CommandError.self) { try jobs(folder.appending(path: "missing.toml").path()) }
        }
    }

    @Test func passwordComesFromFlagsFileThenVariableThenFile() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "password").path()
            try Data("from file\nsecond line".utf8).write(to: URL(filePath: path))
            let variable = ["ASSAY_KEY_PASSWORD": "from variable"]
            let flag = ["key-password-file": path]
            #expect(try settings(flags: flag, environment: variable).keyPassword() == "from file")
            #expect(
                try settings(environment: variable.merging(["ASSAY_KEY_PASSWORD_FILE": path]) { $1 }).keyPassword()
                    == "from variable")
            #expect(try settings(environment: ["ASSAY_KEY_PASSWORD_FILE": path]).keyPassword() == "from file")
            #expect(try settings().keyPassword() == nil)
            let missing = try settings(flags: ["key-password-file": path + ".missing"])
            #expect(throws: CommandError.self) { try missing.keyPassword() }
        }
    }

    @Test func reportNeverShowsThePassword() throws {
        let report = SettingsReport(try settings(environment: ["ASSAY_KEY_PASSWORD": "hunter2"]))
        let json = String(decoding: try JSONEncoder().encode(report), as: UTF8.self)
        #expect(!json.contains("hunter2") && json.contains("\"keyPasswordIsSet\":true"))
        let text = report.text.rendered(colored: false)
        #expect(!text.contains("hunter2") && text.contains("set, not shown"))
    }
}

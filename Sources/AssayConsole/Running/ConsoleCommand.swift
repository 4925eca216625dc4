public import ArgumentParser

/// A command of the program. What it needs is made before it runs: the settings in force and the console.
public protocol ConsoleCommand: ParsableCommand {
    var common: CommonFlags { get }
    /// The command's further options that are settings.
    var settingGroups: [any SettingGroup] { get }

    /// - Returns: `success` or `incomplete`, or `verification`, after the results were printed.
    /// - Throws: why it stopped; the runner prints it. When the task is cancelled by SIGINT or SIGTERM, a command that
    ///   had more to do throws, and one that is ended this way, like `mount`, returns.
    func run(settings: Settings, console: Console) async throws(CommandError) -> CommandStatus
}

extension ConsoleCommand {
    public var settingGroups: [any SettingGroup] { [] }

    func settings(environment: [String: String]) throws(CommandError) -> Settings {
        let groups: [any SettingGroup] = [common] + settingGroups
        let file = try SettingsFile.find(named: common.config, environment: environment)
        return try Settings(flags: groups.flatMap { $0.given.compactMap(\.self) }, environment: environment, file: file)
    }
}

import Archive
import AssayConsole
import AssayFUSE
import AssayModel
import DigestCatalog
import FoundationEssentials
import Glibc
import Indexing
import ObjectStorage
import Provenance

/// Puts the modules together as the settings say.
struct Composition: Sendable {
    let settings: Settings

    @Sendable static func now() -> Timestamp { Timestamp(seconds: time(nil)) }

    // MARK: Catalog

    /// - Parameter mayCreate: whether a catalog that is not there is made; otherwise a typing error would pass unnoticed.
    func openCatalog(_ access: Catalog.Access, mayCreate: Bool = false) throws(CommandError) -> Catalog {
        let path = settings.catalog.path
        guard access == .readOnly || mayCreate || Glibc.access(path, F_OK) == 0 else {
            throw CommandError(.catalog, "there is no catalog at \(path)", hint: "`assay index SOURCE` makes one.")
        }
        do { return try Catalog(path: settings.catalog.path, access: access) } catch { throw CommandError(error) }
    }

    // MARK: Stores

    static func location(_ text: String) throws(CommandError) -> StoreLocation {
        do { return try StoreLocation(text) } catch { throw CommandError(error, at: text) }
    }

    func openStore(_ location: StoreLocation) throws(ObjectStorageError) -> any ObjectStore {
        var options = StoreOptions()
        options.region = settings.s3Region
        options.endpoint = settings.s3Endpoint
        options.certificateAuthorities = settings.s3CAFile?.path
        options.isAnonymous = settings.s3Anonymous
        options.profile = settings.s3Profile
        options.retry.attempts = settings.retryAttempts.value
        options.addressing =
            switch settings.s3Addressing {
            case .auto: .automatic
            case .path: .path
            case .virtual: .virtualHost
            }
        return try location.open(environment: ProcessInfo.processInfo.environment, options: options)
    }

    func openStore(of source: Source) throws(ObjectStorageError) -> any ObjectStore {
        try openStore(StoreLocation(source.location))
    }

    /// The catalog's record of a location, made now if there is none and the location can be listed: a typing error
    /// shall not become a source.
    func source(at location: StoreLocation, name: String?, in catalog: Catalog) async throws(CommandError) -> Source {
        let suggestion =
            switch location {
            case .bucket(let bucket, _): bucket
            case .folder(let path): path.split(separator: "/").last.map(String.init) ?? "root"
            }
        try checkSeparation(of: location)
        if try known(location, in: catalog) == nil {
            do throws(ObjectStorageError) {
                _ = try await openStore(location).list(prefix: location.prefix, from: nil, limit: 1)
            } catch { throw CommandError(error, at: location.description) }
        }
        do {
            return try catalog.source(
                at: location.description, name: name, suggestion: suggestion, now: Self.now())
        } catch { throw CommandError(error) }
    }

    /// A folder that holds what Assay itself writes or shows would be indexed into itself, and never be unchanged.
    private func checkSeparation(of location: StoreLocation) throws(CommandError) {
        guard case .folder(let folder) = location else { return }
        let root = URL(fileURLWithPath: folder).resolvingSymlinksInPath().path
        let inside = root == "/" ? "/" : root + "/"
        let catalog = URL(fileURLWithPath: settings.catalog.path).resolvingSymlinksInPath().path
        for (path, what) in [(catalog, "the catalog")] + FUSEMount.mounts().map({ ($0, "a mount of Assay") })
        where path.hasPrefix(inside) || (path == root && path != catalog) {
            throw CommandError(
                .usage, "\(folder) holds \(what), \(path)", hint: "Keep it outside of the folder that is indexed.")
        }
    }

    /// The catalog's record of a location, if there is one.
    func known(_ location: StoreLocation, in catalog: Catalog) throws(CommandError) -> Source? {
        do { return try catalog.sources().first { $0.location == location.description } } catch {
            throw CommandError(error)
        }
    }

    // MARK: Work

    func indexer(_ source: Source, _ location: StoreLocation, _ catalog: Catalog) throws(CommandError) -> Indexer {
        var limits = ArchiveLimits()
        limits.entrySize = settings.limitEntrySize.bytes
        limits.totalSize = settings.limitTotalSize.bytes
        limits.expansionRatio = settings.limitRatio.value
        limits.entryCount = settings.limitEntries.value
        let options = Indexer.Options(jobs: settings.jobs.value, window: settings.readWindow.bytes, limits: limits)
        let store: any ObjectStore
        do { store = try openStore(location) } catch { throw CommandError(error, at: location.description) }
        return Indexer(
            catalog: catalog, source: source, store: store, prefix: location.prefix, options: options, now: Self.now)
    }

    /// What attests with `session`'s signatures.
    ///
    /// - Parameter sources: where the artifacts have to be.
    /// - Throws: `usage` if the settings forbid it.
    func attester(
        _ scope: Attester.Scope, _ catalog: Catalog, by session: SigningSession, sources: [Source]?
    ) throws(CommandError) -> Attester {
        guard settings.attestationExpiry.seconds > 0 else {
            throw CommandError(
                .usage, "an attestation that expires at once is none", hint: "Set attestation-expiry to 1s or more.")
        }
        let observer = Observation.Observer(
            version: Assay.version, id: settings.provenanceBuilderID ?? Observation.Observer.defaultID,
            buildType: settings.provenanceBuildType ?? Observation.Observer.defaultBuildType)
        var options = Attester.Options(lifetime: settings.attestationExpiry.seconds)
        options.scope = scope
        options.concurrency = settings.signingJobs.value
        options.sources = sources
        let notary = session.notary(expecting: .statement(predicateType: Observation.predicateType))
        return Attester(catalog: catalog, notary: notary, observer: observer, options: options, now: Self.now)
    }

    /// The sources that a run is for, checked for whether the services may learn of them.
    ///
    /// - Parameter chosen: those that were asked for; nil for all.
    /// - Returns: nil for all there are and will be; where something becomes public, those there are now, since nobody has
    ///   looked at the ones to come.
    func attestable(
        _ chosen: [Source]?, _ catalog: Catalog, mayBeSentTo urls: [String]
    ) throws(CommandError) -> [Source]? {
        let policy = try PublicationPolicy(settings)
        guard PublicationPolicy.isPublic(urls) else { return chosen }
        let sources: [Source]
        if let chosen {
            sources = chosen
        } else {
            do { sources = try catalog.sources() } catch { throw CommandError(error) }
        }
        try policy.check(sources, mayBeSentTo: urls)
        return sources
    }

    /// The sources of these names or locations.
    func sources(_ texts: [String], in catalog: Catalog) throws(CommandError) -> [Source] {
        let known: [Source]
        do { known = try catalog.sources() } catch { throw CommandError(error) }
        var found: [Source] = []
        for text in texts {
            let location = try? StoreLocation(text).description
            guard let source = known.first(where: { $0.name == text || $0.location == location }) else {
                throw CommandError(
                    .usage, "there is no source \(text) in the catalog \(catalog.path)",
                    hint: "`assay status` lists the sources; `assay index` adds one.")
            }
            if !found.contains(source) { found.append(source) }
        }
        return found
    }
}

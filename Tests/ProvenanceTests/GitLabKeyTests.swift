import AssayModel
import Testing

@testable import Provenance

@Suite struct GitLabKeyTests {
    // The SHA-256 of "7".
    static let hash = "7902699be42c8a8e46fbbb4501726517e86b22c56a189f7625a6da49081b2451"
    static let key = "79/02/\(hash)/2026_01_31/412/998/artifacts.zip"

    @Test(arguments: ["", "artifacts", "a/b//c", "/"])
    func readsAHashedKeyBehindAnyPrefix(_ prefix: String) throws {
        let name = prefix.isEmpty ? Self.key : prefix + "/" + Self.key
        let facts = try #require(GitLabKey.parse(ObjectKey(name)))
        #expect(facts.prefix == prefix)
        #expect(try facts.project == .hashed(#require(SHA256Digest(hex: Self.hash))))
        #expect(facts.date.description == "2026-01-31")
        #expect(facts.jobID == 412)
        #expect(facts.artifactID == 998)
        #expect(facts.fileName == "artifacts.zip")
    }

    @Test func knowsItsProject() throws {
        let facts = try #require(GitLabKey.parse(ObjectKey(Self.key)))
        #expect(facts.isProject(7))
        #expect(!facts.isProject(8))
    }

    @Test func readsALegacyKey() throws {
        let facts = try #require(GitLabKey.parse(ObjectKey("shared/2017_03/7/412/artifacts.zip")))
        #expect(facts.project == .id(7))
        #expect(facts.isProject(7))
        #expect(facts.date.description == "2017-03")
        #expect(facts.prefix == "shared")
        #expect(facts.artifactID == nil)
    }

    @Test(arguments: [
        "", "artifacts.zip", "a/b/c/d/e/f/g", "80/02/\(hash)/2026_01_31/412/998/a",
        "79/03/\(hash)/2026_01_31/412/998/a",
        "79/02/\(hash)/2026_13_31/412/998/a", "79/02/\(hash)/2026_01_00/412/998/a", "79/02/\(hash)/26_01_31/412/998/a",
        "79/02/\(hash)/2026_01_31/0412/998/a", "79/02/\(hash)/2026_01_31/412/-998/a",
        "79/02/\(hash)/2026_01_31/412/998/",
        "79/02/\(hash.uppercased())/2026_01_31/412/998/a", "79/02/\(hash)/2026_01_31/99999999999999999999/998/a",
        "79/02/sha256:\(hash)/2026_01_31/412/998/a", "2017_3/7/412/a", "2017_00/7/412/a", "2017_03/0/412/a",
        "2017_03_04/7/412/a", "79/02/\(hash)/2026_01_3１/412/998/a",
    ])
    func otherKeysTellNothing(_ key: String) {
        #expect(GitLabKey.parse(ObjectKey(key)) == nil)
    }
}

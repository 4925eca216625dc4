import Archive
import AssayTestSupport
import Testing

@Suite struct ZooTests {
    @Test(arguments: Zoo.all) func refusesExactlyWhatIsBad(_ animal: Zoo.Animal) async {
        do {
            let (directory, collector) = try await Collector.read(CountingSource(animal.bytes))
            #expect(animal.archiveError == nil)
            #expect(collector.refused == animal.refused)
            let paths = collector.good.sorted().map { index in
                directory.entries.first { $0.index == index }?.path
            }
            #expect(paths == animal.good)
        } catch {
            #expect(error.code == animal.archiveError, "\(error)")
        }
    }

    /// The pass would find most overlaps too, by then having read one of the entries.
    @Test func refusesOverlapsBeforeAnyDataIsRead() async throws {
        let animals = Zoo.all.filter { $0.name.hasPrefix("overlap-") }
        #expect(animals.count == 3)
        for animal in animals {
            let directory = try await ArchiveDirectory.read(from: CountingSource(animal.bytes))
            let refused = directory.refusals.map { ($0.index, $0.error.code) }
            #expect(Dictionary(uniqueKeysWithValues: refused) == animal.refused)
        }
    }

    @Test func everyAnimalHasItsOwnName() {
        #expect(Set(Zoo.all.map(\.name)).count == Zoo.all.count)
    }

    @Test func saysWhatIsWrongInASentence() async throws {
        for animal in Zoo.all where animal.archiveError == nil {
            for refusal in try await ArchiveDirectory.read(from: CountingSource(animal.bytes)).refusals {
                #expect(refusal.error.description.hasPrefix("The entry is refused: "))
                #expect(refusal.name.utf8.count <= 600)
            }
        }
    }
}

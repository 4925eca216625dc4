import Testing

@testable import Sigstore

/// The names that flags and policy files give to extensions and predicate types.
@Suite struct PolicyNamesTests {
    @Test func extensionsHaveHyphenatedNamesThatLeadBackToThem() {
        #expect(FulcioExtension.sourceRepositoryURI.hyphenatedName == "source-repository-uri")
        #expect(FulcioExtension.workflowSHA.hyphenatedName == "workflow-sha")
        #expect(
            FulcioExtension.sourceRepositoryVisibilityAtSigning.hyphenatedName
                == "source-repository-visibility-at-signing")
        for kind in FulcioExtension.allCases {
            #expect(FulcioExtension(hyphenatedName: kind.hyphenatedName) == kind)
        }
        #expect(Set(FulcioExtension.allCases.map(\.hyphenatedName)).count == FulcioExtension.allCases.count)
        for wrong in ["", "sourceRepositoryURI", "Source-Repository-URI", "source-repository", "to\u{212A}en-subject"] {
            #expect(FulcioExtension(hyphenatedName: wrong) == nil, "\(wrong)")
        }
    }

    @Test func predicateTypesHaveShortNamesAndURIsStandForThemselves() {
        #expect(PredicateType.named("slsaprovenance1") == PredicateType.slsaProvenanceV1)
        #expect(PredicateType.named("slsaprovenance") == PredicateType.slsaProvenanceV02)
        #expect(PredicateType.named("https://example.com/p/v1") == "https://example.com/p/v1")
        #expect(PredicateType.named("urn:x") == "urn:x")
        for wrong in ["", "slsa", ":x", "SPDX", "any"] { #expect(PredicateType.named(wrong) == nil, "\(wrong)") }
    }
}

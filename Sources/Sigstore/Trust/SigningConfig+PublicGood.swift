extension SigningConfig {
    /// The day on which the newest service of `publicGood` came into use. Services that were added later are not in it.
    public static let publicGoodDate = "2025-07-04"

    /// Where Sigstore's public-good instance answers, as of `publicGoodDate`. What it is sent, the whole world can read.
    ///
    /// - Throws: what `init(parsing:limits:)` throws.
    public static func publicGood() throws(SigstoreError) -> SigningConfig {
        try SigningConfig(parsing: Array(publicGoodText.utf8))
    }

    private static let publicGoodText = """
        {
          "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
          "caUrls": [
            {
              "url": "https://fulcio.sigstore.dev",
              "majorApiVersion": 1,
              "validFor": {
                "start": "2022-04-13T20:06:15.000Z"
              },
              "operator": "sigstore.dev"
            }
          ],
          "oidcUrls": [
            {
              "url": "https://oauth2.sigstore.dev/auth",
              "majorApiVersion": 1,
              "validFor": {
                "start": "2022-04-13T20:06:15.000Z"
              },
              "operator": "sigstore.dev"
            }
          ],
          "rekorTlogUrls": [
            {
              "url": "https://rekor.sigstore.dev",
              "majorApiVersion": 1,
              "validFor": {
                "start": "2021-01-12T11:53:27.000Z"
              },
              "operator": "sigstore.dev"
            }
          ],
          "tsaUrls": [
            {
              "url": "https://timestamp.sigstore.dev/api/v1/timestamp",
              "majorApiVersion": 1,
              "validFor": {
                "start": "2025-07-04T00:00:00Z"
              },
              "operator": "sigstore.dev"
            }
          ],
          "rekorTlogConfig": {
            "selector": "ANY"
          },
          "tsaConfig": {
            "selector": "ANY"
          }
        }
        """
}

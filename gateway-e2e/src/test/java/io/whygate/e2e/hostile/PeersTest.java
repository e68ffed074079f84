package io.whygate.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/// The document that compares the gateway with its peers.
class PeersTest {
  @Test
  void theDocumentSpeaksOfEveryPayload() throws IOException {
    String document = Files.readString(PeersComparison.DOCUMENT);
    assertThat(Payload.of("requests.txt"))
        .allMatch(each -> document.contains("| " + each.name() + " |"));
  }
}

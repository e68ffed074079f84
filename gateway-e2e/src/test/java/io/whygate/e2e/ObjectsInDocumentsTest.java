package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.LabProcess;
import io.whygate.e2e.lab.Place;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// The objects of Kubernetes that documents show are what Kubernetes takes, and so are the parts of
/// Traefik's configuration that it has in common with its own objects: no cluster and no Traefik
/// can be had here, so their types judge.
@Needs({"node", "kubernetes-models"})
class ObjectsInDocumentsTest {
  private static final Path DOCS = Repository.ROOT.resolve("docs");
  private static final String KUBERNETES = "getting-started.md";
  private static final String INGRESS = "migration/ingress-nginx.md";
  private static final String TRAEFIK = "migration/traefik.md";

  private static String judged(Path folder, String... documents) {
    String[] command = new String[documents.length + 3];
    command[0] = "node";
    command[1] = Repository.ROOT.resolve("gateway-e2e/src/test/node/objects.mjs").toString();
    command[2] = Repository.ROOT.resolve("target/node").toString();
    System.arraycopy(documents, 0, command, 3, documents.length);
    return LabProcess.run(Place.HERE, folder, command);
  }

  @Test
  void areWhatTheirProgramsTake() {
    assertThat(judged(DOCS, KUBERNETES, INGRESS, TRAEFIK))
        .as("a Deployment, a Service and an Ingress; a middleware, a transport and a health check")
        .isEqualTo("6 objects\n");
  }

  @Test
  void wouldBeRefusedWithAWordThatTheirProgramsDoNotKnow() {
    try (Folder folder = Folder.create("objects")) {
      folder.write(
          "kubernetes.md",
          Repository.read("docs/" + KUBERNETES).replace("readinessProbe", "readynessProbe"));
      folder.write(
          "ingress.md", Repository.read("docs/" + INGRESS).replace("number: 3000", "number: web"));
      folder.write(
          "traefik.md",
          Repository.read("docs/" + TRAEFIK)
              .replace("attempts: 3", "tries: 3")
              .replace("responseHeaderTimeout", "responseTimeout")
              .replace("interval: 5s", "every: 5s"));
      assertThat(judged(folder.path(), "kubernetes.md", "ingress.md", "traefik.md").lines())
          .hasSize(6)
          .anyMatch(line -> line.startsWith("kubernetes.md: Deployment whygate: "))
          .anyMatch(line -> line.startsWith("ingress.md: Ingress shop: "))
          .anyMatch(line -> line.startsWith("traefik.md: again: ") && line.contains("tries"))
          .anyMatch(line -> line.startsWith("traefik.md: internal: "))
          .anyMatch(line -> line.startsWith("traefik.md: shop: ") && line.contains("every"));
    }
  }
}

package io.whygate.e2e.lab;

import com.microsoft.playwright.Page;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Deque's axe-core: what of a page somebody cannot see, read or reach (WCAG 2.2 A and AA).
public final class Axe {
  private static final String SCRIPT = "/axe.min.js";
  private static final String RUN =
      """
      async () => (await axe.run(document, {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
      })).violations.flatMap(each => each.nodes.map(node =>
        each.id + ' at ' + node.target + ': ' + node.failureSummary))
      """;

  private Axe() {}

  /// What is wrong with a page as it stands, one line each.
  @SuppressWarnings("unchecked")
  public static List<String> violations(Page page) {
    page.evaluate(script());
    return (List<String>) page.evaluate(RUN);
  }

  private static String script() {
    try (InputStream in = Axe.class.getResourceAsStream(SCRIPT)) {
      if (in == null) {
        throw new AssertionError("resource missing: " + SCRIPT);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}

package io.whygate.e2e;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// The page `docs/configuration.md`, made from `reference.conf`: a heading for each object, a table
/// row for each key with its default and its comment.
final class ConfigurationReference {
  private static final String HEAD =
      """
      # Configuration

      <!-- Made from gateway-core/src/main/resources/reference.conf: change that file, then run
           ./mvnw -pl gateway-e2e -am test -Dtest=DocumentsTest -Dgolden.update=true -Dsurefire.failIfNoSpecifiedTests=false -->

      Every key of Whygate with its default. The file is [HOCON](https://github.com/lightbend/config/blob/main/HOCON.md) under the
      root key `whygate`, and says only what differs. Durations have units (`500ms`, `5s`, `2m`, `1h`, `1d`), sizes too (`8KiB`, `1MB`),
      shares are percentages (`20%`). An unknown key is an error that names the nearest known one; `whygate check --config FILE` lists
      every problem of a file. Paths are relative to the file they stand in; `${?NAME}` takes an environment variable.
      """;

  private final StringBuilder page = new StringBuilder(HEAD);
  private final Deque<String> path = new ArrayDeque<>();
  private final List<String> comment = new ArrayList<>();
  private String section = "";
  private boolean inTable;

  private ConfigurationReference() {}

  /// The page for this text of `reference.conf`.
  static String of(String reference) {
    ConfigurationReference made = new ConfigurationReference();
    boolean inside = false;
    for (String line : reference.lines().toList()) {
      String text = line.strip();
      if (text.equals("whygate {")) {
        inside = true;
      } else if (inside) {
        made.line(text);
      }
    }
    return made.page.toString();
  }

  private void line(String text) {
    if (text.isEmpty()) {
      return;
    }
    if (text.startsWith("#")) {
      comment.add(text.substring(1).strip());
    } else if (text.endsWith("{")) {
      open(text.substring(0, text.length() - 1).replace("=", "").strip());
    } else if (text.equals("}")) {
      if (!path.isEmpty()) {
        path.removeLast();
      }
    } else {
      key(text);
    }
  }

  private void open(String name) {
    path.addLast(name);
    heading(String.join(".", path), path.size());
    page.append(takeComment()).append('\n');
    section = String.join(".", path);
    inTable = false;
  }

  private void key(String text) {
    int end = text.indexOf('=');
    String name = (end < 0 ? text.substring(0, text.indexOf('{')) : text.substring(0, end)).strip();
    String value = end < 0 ? "{}" : text.substring(end + 1).strip();
    String shown = value.equals("null") ? "has to be given" : "`" + value + "`";
    String here = String.join(".", path);
    if (!section.equals(here)) {
      // After an object that stands between it and its neighbours: under a heading of its own.
      heading(here.isEmpty() ? name : here + "." + name, path.size() + 1);
      page.append(takeComment()).append(" Default: ").append(shown).append(".\n");
      inTable = false;
      return;
    }
    if (!inTable) {
      page.append("\n| key | default | meaning |\n| --- | --- | --- |\n");
      inTable = true;
    }
    page.append("| `%s` | %s | %s |\n".formatted(name, shown, takeComment()));
  }

  private void heading(String name, int depth) {
    page.append("\n%s `%s`\n".formatted("#".repeat(depth + 1), name));
  }

  private String takeComment() {
    String text = String.join(" ", comment).replace("|", "\\|");
    comment.clear();
    return text;
  }
}

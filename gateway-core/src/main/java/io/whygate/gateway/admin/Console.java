package io.whygate.gateway.admin;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The operators' console: one page with its scripts and style, all from this program, none of it
/// secret. What it shows it asks of `/api`.
final class Console {
  /// The first segment of the path of its files.
  static final String FOLDER = "console";

  private static final Map<String, String> HEADERS =
      Map.of(
          "Content-Security-Policy",
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
              + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
          "Cross-Origin-Opener-Policy",
          "same-origin");

  private static final String PAGE = "index.html";
  private static final String STYLE = "console.css";
  private static final Set<String> SCRIPTS =
      Set.of(
          "actions.js",
          "chart.js",
          "configuration.js",
          "console.js",
          "diagnose.js",
          "dom.js",
          "incidents.js",
          "live.js",
          "overview.js",
          "story.js",
          "upstream.js",
          "upstreams.js");

  private final Map<String, Answer.Document> loaded = new ConcurrentHashMap<>();

  private static Answer.Document load(String name, String type) {
    try (InputStream in = Console.class.getResourceAsStream(FOLDER + "/" + name)) {
      if (in == null) {
        throw new AssertionError("resource missing: " + FOLDER + "/" + name);
      }
      return new Answer.Document(200, type, in.readAllBytes(), HEADERS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Answer page() {
    return loaded.computeIfAbsent(PAGE, name -> load(name, "text/html; charset=utf-8"));
  }

  /// A file of the console.
  ///
  /// @param path [#FOLDER] and the file's name
  Answer file(List<String> path) {
    String name = path.size() == 2 ? path.get(1) : "";
    if (name.equals(STYLE)) {
      return loaded.computeIfAbsent(name, each -> load(each, "text/css; charset=utf-8"));
    }
    return SCRIPTS.contains(name)
        ? loaded.computeIfAbsent(name, each -> load(each, "text/javascript; charset=utf-8"))
        : Answer.notFound("The console has no such file.");
  }
}

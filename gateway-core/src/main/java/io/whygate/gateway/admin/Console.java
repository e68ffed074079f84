package io.whygate.gateway.admin;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/// The operators' console: one page with its script and style, all from this program, none of it
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

  private final Answer.Document page = load("index.html", "text/html; charset=utf-8");
  private final Map<String, Answer.Document> files =
      Map.of(
          "console.js", load("console.js", "text/javascript; charset=utf-8"),
          "console.css", load("console.css", "text/css; charset=utf-8"));

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
    return page;
  }

  /// A file of the console.
  ///
  /// @param path [#FOLDER] and the file's name
  Answer file(List<String> path) {
    Answer.Document file = path.size() == 2 ? files.get(path.get(1)) : null;
    return file == null ? Answer.notFound("The console has no such file.") : file;
  }
}

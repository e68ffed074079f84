package io.whygate.e2e.site;

import com.google.gson.Gson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The documents as a folder of HTML that needs nothing but a browser: each page of `docs`, the
/// documents beside it, whatever files they lead to, and a search over all of them.
///
/// A link that leads nowhere ends the making.
public final class DocumentationSite {
  private static final String HOME = "docs/README.md";
  private static final List<String> BESIDE =
      List.of("README.md", "CONTRIBUTING.md", "CHANGELOG.md");
  private static final Pattern ENTRY = Pattern.compile("(?m)^\\| ([^|]+) \\| (\\[.*) \\|$");
  private static final Pattern LINK = Pattern.compile("\\[([^\\]]+)\\]\\(([^)]+)\\)");

  private final Path root;
  private final Path to;
  private final Map<Path, MarkdownPage> pages = new TreeMap<>();
  private final TreeSet<Path> files = new TreeSet<>();

  private DocumentationSite(Path root, Path to) {
    this.root = root;
    this.to = to;
  }

  /// Makes it.
  ///
  /// @param root the repository
  /// @param to the folder that it is written into
  public static void make(Path root, Path to) throws IOException {
    DocumentationSite site = new DocumentationSite(root.normalize(), to);
    site.read();
    site.write();
  }

  private void read() throws IOException {
    try (Stream<Path> documents = Files.walk(root.resolve("docs"))) {
      for (Path file : documents.filter(each -> each.toString().endsWith(".md")).toList()) {
        pages.put(file, MarkdownPage.of(file));
      }
    }
    for (Path folder : Set.copyOf(pages.keySet().stream().map(Path::getParent).toList())) {
      pages.computeIfAbsent(folder.resolve("README.md"), _ -> listOf(folder));
    }
    for (String name : BESIDE) {
      pages.put(root.resolve(name), MarkdownPage.of(root.resolve(name)));
    }
  }

  /// What a folder without a first page of its own begins with.
  private MarkdownPage listOf(Path folder) {
    String list =
        pages.entrySet().stream()
            .filter(entry -> entry.getKey().getParent().equals(folder))
            .map(entry ->
                "- [%s](%s)\n".formatted(entry.getValue().title(), entry.getKey().getFileName()))
            .collect(Collectors.joining());
    return MarkdownPage.ofText("# " + capital(folder.getFileName().toString()) + "\n\n" + list);
  }

  private void write() throws IOException {
    String template = Files.readString(root.resolve("docs/site/template.html"));
    List<Map<String, String>> index = new ArrayList<>();
    for (Map.Entry<Path, MarkdownPage> entry : pages.entrySet()) {
      MarkdownPage page = entry.getValue();
      Path place = place(entry.getKey());
      for (MarkdownPage.Section section : page.sections()) {
        index.add(found(page, place, section));
      }
      page.redirect(link -> redirected(entry.getKey(), link));
      put(
          place,
          template
              .replace("{{title}}", escaped(page.title()))
              .replace("{{base}}", up(place))
              .replace("{{contents}}", contents(place))
              .replace("{{page}}", page.html()));
    }
    put(Path.of("search-index.js"), "window.searchIndex = " + new Gson().toJson(index) + ";\n");
    for (String name : List.of("site.css", "search.js")) {
      put(Path.of(name), Files.readString(root.resolve("docs/site").resolve(name)));
    }
    for (Path file : files) {
      Path copy = to.resolve(place(file));
      Files.createDirectories(copy.getParent());
      Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static Map<String, String> found(
      MarkdownPage page, Path place, MarkdownPage.Section section) {
    Map<String, String> found = new LinkedHashMap<>();
    found.put("at", place + "#" + section.anchor());
    found.put("page", page.title());
    found.put("heading", section.heading());
    found.put("text", section.text());
    return found;
  }

  private void put(Path place, String text) throws IOException {
    Path file = to.resolve(place);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  /// Where a file of the repository is found on the site.
  private Path place(Path file) {
    Path docs = root.resolve("docs");
    if (!pages.containsKey(file)) {
      return file.startsWith(docs)
          ? docs.relativize(file)
          : Path.of("files").resolve(root.relativize(file));
    }
    String name = file.getFileName().toString().replace(".md", ".html");
    if (!file.startsWith(docs)) {
      return Path.of("project", name);
    }
    return docs.relativize(file).resolveSibling(name.equals("README.html") ? "index.html" : name);
  }

  private String redirected(Path from, String link) {
    if (link.matches("[a-z]+:.*") || link.startsWith("#")) {
      return link;
    }
    int hash = link.indexOf('#');
    String path = hash < 0 ? link : link.substring(0, hash);
    Path file = document(from.resolveSibling(path).normalize());
    if (!pages.containsKey(file)) {
      if (!Files.exists(file) || !file.startsWith(root)) {
        throw new IllegalStateException(from + ": " + link + " (expected: a file that is there)");
      }
      files.add(file);
    }
    Path here = place(from);
    return up(here)
        + place(file).toString().replace('\\', '/')
        + (hash < 0 ? "" : link.substring(hash));
  }

  private static Path document(Path file) {
    return Files.isDirectory(file) ? file.resolve("README.md") : file;
  }

  private static String up(Path place) {
    return "../".repeat(place.getNameCount() - 1);
  }

  /// The table of the first page, as the site's contents.
  private String contents(Path place) throws IOException {
    StringBuilder contents = new StringBuilder();
    Path home = root.resolve(HOME);
    ENTRY
        .matcher(Files.readString(home))
        .results()
        .flatMap(entry -> LINK.matcher(entry.group(2)).results())
        .forEach((MatchResult link) -> {
          Path target = place(document(home.resolveSibling(link.group(2)).normalize()));
          contents
              .append("<li><a href=\"")
              .append(up(place))
              .append(target)
              .append(target.equals(place) ? "\" aria-current=\"page\">" : "\">")
              .append(escaped(capital(link.group(1))))
              .append("</a></li>\n");
        });
    return contents.toString();
  }

  private static String capital(String words) {
    return Character.toUpperCase(words.charAt(0)) + words.substring(1);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}

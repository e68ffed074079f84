package io.whygate.diagnostics.page;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// A page of an operator's own: HTML with places `{{name}}` for values, each escaped by where it
/// stands, and for pieces of the built-in page. Immutable.
///
/// A value may stand in text and in a quoted attribute. Nothing may stand where it could become
/// code: in a script, a style, a comment, an unquoted attribute, or one that a browser runs.
public final class PageTemplate {
  /// Values, escaped.
  static final Set<String> VALUES =
      Set.of(
          "title",
          "detail",
          "side",
          "lost",
          "next",
          "advice",
          "since",
          "status",
          "cause",
          "incident",
          "language",
          "direction",
          "brand",
          "message",
          "mailto",
          "contact.name",
          "contact.email",
          "contact.phone",
          "contact.url");

  /// Pieces of the built-in page.
  static final Set<String> PIECES =
      Set.of(
          "style", "refresh", "logo", "picture", "live", "glance", "checks", "contact", "script");

  private static final Set<String> NEEDED = Set.of("attributes", "title", "checks", "script");
  private static final String TEXT_OF = "text.";
  private static final int LARGEST = 64 * 1024;

  private final List<Part> parts;

  private PageTemplate(List<Part> parts) {
    this.parts = List.copyOf(parts);
  }

  /// What a template is made of.
  sealed interface Part {}

  /// Markup of the operator's own.
  record Markup(String html) implements Part {}

  /// A value to be escaped.
  ///
  /// @param isAddress whether a browser goes where it says
  record Value(String name, boolean isAddress) implements Part {}

  /// A text of the page's language.
  record Words(String key) implements Part {}

  /// A piece of the built-in page.
  record Piece(String name) implements Part {}

  List<Part> parts() {
    return parts;
  }

  /// What stands within elements of this name, such as `style`, in the order of the template.
  List<String> within(String element) {
    List<String> found = new ArrayList<>();
    StringBuilder all = new StringBuilder();
    parts.forEach(part -> all.append(part instanceof Markup markup ? markup.html() : "\0"));
    String html = all.toString();
    String lower = html.toLowerCase(Locale.ROOT);
    for (int at = lower.indexOf("<" + element); at >= 0; at = lower.indexOf("<" + element, at)) {
      int from = lower.indexOf('>', at) + 1;
      int to = lower.indexOf("</" + element, from);
      found.add(html.substring(from, to));
      at = to;
    }
    return found;
  }

  /// Reads a template.
  ///
  /// @throws BrokenTemplateException that says in which line what is wrong
  public static PageTemplate of(String source) throws BrokenTemplateException {
    if (source.length() > LARGEST) {
      throw new BrokenTemplateException(source.length() + " characters", "at most " + LARGEST);
    }
    List<Part> parts = new ArrayList<>();
    Set<String> names = new HashSet<>();
    TemplatePlace place = new TemplatePlace();
    int from = 0;
    for (int open = source.indexOf("{{"); open >= 0; open = source.indexOf("{{", from)) {
      int close = source.indexOf("}}", open);
      if (close < 0) {
        throw wrong(source, open, "{{ without }}", "{{name}}");
      }
      String name = source.substring(open + 2, close).strip();
      String markup = source.substring(from, open);
      place.read(markup);
      parts.add(new Markup(markup));
      parts.add(part(source, open, name, place));
      names.add(name);
      from = close + 2;
    }
    String end = source.substring(from);
    place.read(end);
    parts.add(new Markup(end));
    if (!place.isText()) {
      throw wrong(source, source.length() - 1, "the end within a tag, comment or script", "text");
    }
    for (String needed : NEEDED) {
      if (!names.contains(needed)) {
        throw new BrokenTemplateException(
            "no {{" + needed + "}}", "each of {{attributes}}, {{title}}, {{checks}}, {{script}}");
      }
    }
    return new PageTemplate(parts);
  }

  private static Part part(String source, int at, String name, TemplatePlace place)
      throws BrokenTemplateException {
    if (name.equals("attributes")) {
      if (!place.isTag("html")) {
        throw wrong(source, at, "{{attributes}}", "in the tag: <html {{attributes}}>");
      }
      return new Piece(name);
    }
    if (PIECES.contains(name)) {
      if (!place.isText()) {
        throw wrong(source, at, "{{" + name + "}} within a tag, script or style", "in text");
      }
      return new Piece(name);
    }
    boolean words = name.startsWith(TEXT_OF);
    if (!words && !VALUES.contains(name)) {
      throw wrong(source, at, "{{" + name + "}}", "a value that the guide lists");
    }
    if (!place.isText() && !place.isSafeAttribute()) {
      throw wrong(
          source, at, "{{" + name + "}}", "in text or in a quoted attribute that is no code");
    }
    return words ? words(source, at, name) : new Value(name, place.isAddress());
  }

  private static Words words(String source, int at, String name) throws BrokenTemplateException {
    String key = name.substring(TEXT_OF.length());
    String text = Texts.read(Language.ENGLISH.tag()).get(key);
    if (text == null || Texts.isForOperators(key) || text.indexOf('{') >= 0) {
      throw wrong(source, at, "{{" + name + "}}", "the key of a text without places");
    }
    return new Words(key);
  }

  private static BrokenTemplateException wrong(
      String source, int at, String found, String expected) {
    long line = 1 + source.substring(0, Math.max(0, at)).chars().filter(c -> c == '\n').count();
    return new BrokenTemplateException("line " + line + ": " + found, expected);
  }
}

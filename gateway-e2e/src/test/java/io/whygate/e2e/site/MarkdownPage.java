package io.whygate.e2e.site;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Code;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.Heading;
import org.commonmark.node.HtmlBlock;
import org.commonmark.node.HtmlInline;
import org.commonmark.node.Image;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.node.SoftLineBreak;
import org.commonmark.node.Text;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;

/// A document in Markdown, as GitHub reads it: its headings have anchors made of their words.
public final class MarkdownPage {
  private static final List<org.commonmark.Extension> EXTENSIONS =
      List.of(TablesExtension.create());
  private static final Parser PARSER = Parser.builder().extensions(EXTENSIONS).build();

  /// Configurations of others, and then ours for the same.
  private static final Pattern BESIDE =
      Pattern.compile(
          "((?:<pre[^>]*><code class=\"language-(?:nginx|haproxy|yaml|caddyfile)\">[^<]*</code></pre>\\s*)+)"
              + "(<pre[^>]*><code class=\"language-hocon\">[^<]*</code></pre>)");

  private static final Pattern ADDRESS = Pattern.compile("\\b(src|srcset|href)=\"([^\"]+)\"");

  private final Node document;
  private final Map<Heading, String> anchors = new LinkedHashMap<>();

  private MarkdownPage(Node document) {
    this.document = document;
    Map<String, Integer> seen = new HashMap<>();
    each(
        Heading.class,
        heading -> {
          String slug = slug(words(heading));
          int before = seen.merge(slug, 1, Integer::sum) - 1;
          anchors.put(heading, before == 0 ? slug : slug + "-" + before);
        });
  }

  /// Of a text.
  public static MarkdownPage ofText(String text) {
    return new MarkdownPage(PARSER.parse(text));
  }

  /// Reads a file.
  public static MarkdownPage of(Path file) {
    try {
      return ofText(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String slug(String words) {
    return words
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^\\p{L}\\p{N}\\p{M} _-]", "")
        .replace(' ', '-');
  }

  /// The anchors of its headings.
  public Set<String> anchors() {
    return Set.copyOf(anchors.values());
  }

  /// Its first heading.
  public String title() {
    return words(anchors.keySet().iterator().next());
  }

  /// A heading with all that stands between it and the next one.
  ///
  /// @param anchor that of the heading
  /// @param heading its words
  /// @param text the words below it
  public record Section(String anchor, String heading, String text) {}

  /// Its sections in their order; what stands before the first heading is none.
  public List<Section> sections() {
    List<Section> sections = new ArrayList<>();
    for (Heading heading : anchors.keySet()) {
      StringBuilder text = new StringBuilder();
      for (Node node = heading.getNext();
          node != null && !(node instanceof Heading);
          node = node.getNext()) {
        text.append(words(node)).append(' ');
      }
      sections.add(
          new Section(
              anchors.getOrDefault(heading, ""),
              words(heading),
              text.toString().replaceAll("\\s+", " ").strip()));
    }
    return sections;
  }

  /// Changes where its links and pictures lead.
  public void redirect(UnaryOperator<String> to) {
    each(Link.class, link -> link.setDestination(to.apply(link.getDestination())));
    each(Image.class, image -> image.setDestination(to.apply(image.getDestination())));
    each(HtmlBlock.class, html -> html.setLiteral(redirected(html.getLiteral(), to)));
    each(HtmlInline.class, html -> html.setLiteral(redirected(html.getLiteral(), to)));
  }

  private static String redirected(String html, UnaryOperator<String> to) {
    return ADDRESS
        .matcher(html)
        .replaceAll((MatchResult found) ->
            Matcher.quoteReplacement(found.group(1) + "=\"" + to.apply(found.group(2)) + "\""));
  }

  /// As HTML. Wide tables and code scroll by themselves, and are reached by the keyboard; what is
  /// to be compared stands side by side.
  public String html() {
    String html =
        HtmlRenderer.builder()
            .extensions(EXTENSIONS)
            .attributeProviderFactory(_ ->
                (node, tag, attributes) -> {
                  if (node instanceof Heading heading) {
                    attributes.put("id", anchors.getOrDefault(heading, ""));
                  } else if (tag.equals("pre")) {
                    attributes.put("tabindex", "0");
                  } else if (node instanceof Image) {
                    attributes.put("loading", "lazy");
                  }
                })
            .build()
            .render(document)
            .replace("<table>", "<div class=\"wide\" tabindex=\"0\"><table>")
            .replace("</table>", "</table></div>");
    return BESIDE
        .matcher(html)
        .replaceAll("<div class=\"beside\"><div>$1</div><div>$2</div></div>");
  }

  private static String words(Node node) {
    StringBuilder words = new StringBuilder();
    node.accept(
        new AbstractVisitor() {
          @Override
          public void visit(Text text) {
            words.append(text.getLiteral());
          }

          @Override
          public void visit(Code code) {
            words.append(code.getLiteral());
          }

          @Override
          public void visit(FencedCodeBlock block) {
            words.append(block.getLiteral()).append(' ');
          }

          @Override
          public void visit(SoftLineBreak end) {
            words.append(' ');
          }

          @Override
          protected void visitChildren(Node parent) {
            super.visitChildren(parent);
            if (!(parent instanceof Heading) && parent.getNext() != null && isBlock(parent)) {
              words.append(' ');
            }
          }
        });
    return words.toString();
  }

  private static boolean isBlock(Node node) {
    return node instanceof org.commonmark.node.Block
        || node instanceof org.commonmark.ext.gfm.tables.TableCell;
  }

  private <T extends Node> void each(Class<T> kind, java.util.function.Consumer<T> then) {
    each(document, kind, then);
  }

  private static <T extends Node> void each(
      Node node, Class<T> kind, java.util.function.Consumer<T> then) {
    if (kind.isInstance(node)) {
      then.accept(kind.cast(node));
    }
    for (Node child = node.getFirstChild(); child != null; child = child.getNext()) {
      each(child, kind, then);
    }
  }
}

package io.whygate.diagnostics.page;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// How an operator's pages look and speak.
///
/// @param title the name shown above the explanation; empty for none
/// @param colour the accent, as `#rrggbb`
/// @param darkColour the accent where the reader prefers dark pages
/// @param logo an image as a `data:` URI, at most 12 KiB; empty for none
/// @param texts own texts by language and key (the keys of `texts/en.properties`)
/// @param frameAncestors who may show a page in a frame: sources of the directive frame-ancestors
///   (CSP level 3); none for nobody
/// @param template an own page; empty for the built-in one
public record Branding(
    String title,
    String colour,
    String darkColour,
    String logo,
    Map<Language, Map<String, String>> texts,
    List<String> frameAncestors,
    Optional<PageTemplate> template) {
  private static final int LARGEST_LOGO = 12 * 1024;
  private static final double LEAST_CONTRAST = 3;
  private static final Colour LIGHT_CARD = Colour.WHITE;
  private static final Colour DARK_CARD = new Colour("#181c23");
  private static final Pattern LOGO =
      Pattern.compile("data:image/(png|jpeg|gif|webp|svg\\+xml)[;,][A-Za-z0-9+/=;,%._~:-]*");
  private static final Pattern SOURCE =
      Pattern.compile("\\*|'self'|'none'|[a-z][a-z0-9+.-]*:|(https?://)?[A-Za-z0-9*.:_\\[\\]-]+");

  /// The look of Whygate itself.
  public static final Branding NONE =
      new Branding("", "#2456d6", "#7ea2ff", "", Map.of(), List.of("*"), Optional.empty());

  public Branding {
    new Colour(colour);
    new Colour(darkColour);
    if (logo.length() > LARGEST_LOGO) {
      throw new IllegalArgumentException(
          "logo: " + logo.length() + " bytes (expected: at most " + LARGEST_LOGO + ")");
    }
    if (!logo.isEmpty() && !LOGO.matcher(logo).matches()) {
      throw new IllegalArgumentException(
          "logo: "
              + logo.substring(0, Math.min(24, logo.length()))
              + " (expected: a data: URI of a png, jpeg, gif, webp or svg+xml image)");
    }
    for (String source : frameAncestors) {
      if (!isFrameAncestor(source)) {
        throw new IllegalArgumentException(
            "frame ancestor: " + source + " (expected: 'self', *, or as https://shop.example.com)");
      }
    }
    texts = Map.copyOf(texts);
    frameAncestors = List.copyOf(frameAncestors);
  }

  /// Whether a text is one source of the directive frame-ancestors.
  public static boolean isFrameAncestor(String source) {
    return SOURCE.matcher(source).matches();
  }

  /// What may be used but will hardly be seen: an accent too like the ground it lies on.
  public static List<String> faintness(String colour, String darkColour) {
    List<String> found = new ArrayList<>();
    faint(new Colour(colour), LIGHT_CARD, "light", found);
    faint(new Colour(darkColour), DARK_CARD, "dark", found);
    return found;
  }

  private static void faint(Colour accent, Colour ground, String page, List<String> found) {
    double contrast = accent.contrast(ground);
    if (contrast < LEAST_CONTRAST) {
      found.add(
          String.format(
              Locale.ROOT,
              "%s has a contrast of %.1f on the %s page",
              accent.css(),
              contrast,
              page));
    }
  }
}

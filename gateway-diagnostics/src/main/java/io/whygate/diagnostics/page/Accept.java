package io.whygate.diagnostics.page;

import java.util.List;
import java.util.Locale;

/// Chooses a form by the Accept field (RFC 9110 section 12.5.1).
final class Accept {
  private Accept() {}

  /// A media type that a form answers to. The order decides between forms that only a wildcard
  /// names: plain text first, as whoever sends a bare `*/*` has no browser.
  private enum Offer {
    PLAIN("text", "plain", Form.TEXT),
    HTML("text", "html", Form.HTML),
    PROBLEM("application", "problem+json", Form.PROBLEM),
    JSON("application", "json", Form.PROBLEM),
    MARKDOWN("text", "markdown", Form.MARKDOWN);

    private final String exact;
    private final String family;
    private final Form form;

    Offer(String type, String subtype, Form form) {
      this.exact = type + "/" + subtype;
      this.family = type + "/*";
      this.form = form;
    }
  }

  /// The form that the field likes best; of those it likes equally, the one named most exactly,
  /// then the one named first. Plain text where there is no field, or nothing in it can be given.
  static Form choose(String field) {
    if (field.isEmpty()) {
      return Form.TEXT;
    }
    List<WeightedList.Element> ranges = WeightedList.elements(field.toLowerCase(Locale.ROOT));
    Form best = Form.TEXT;
    long bestRank = 0;
    for (Offer offer : Offer.values()) {
      long rank = rank(offer, ranges);
      if (rank > bestRank) {
        bestRank = rank;
        best = offer.form;
      }
    }
    return best;
  }

  /// How much an offer is liked: by weight, then exactness, then position; 0 where it is not
  /// acceptable.
  private static long rank(Offer offer, List<WeightedList.Element> ranges) {
    int exactness = 0;
    int weight = 0;
    int position = 0;
    for (int i = 0; i < ranges.size(); i++) {
      String range = ranges.get(i).value();
      int match = range.equals(offer.exact) ? 3 : range.equals(offer.family) ? 2 : 0;
      if (match == 0 && range.equals("*/*")) {
        match = 1;
      }
      if (match > exactness) {
        exactness = match;
        weight = ranges.get(i).weight();
        position = i;
      }
    }
    if (weight == 0) {
      return 0;
    }
    return weight * 1_000_000L + exactness * 10_000L + (1000 - position);
  }
}

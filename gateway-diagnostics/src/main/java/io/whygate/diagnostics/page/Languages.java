package io.whygate.diagnostics.page;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The languages that there are, and the choice among them by the Accept-Language field (RFC 9110
/// section 12.5.4), by lookup (RFC 4647 section 3.4). Immutable.
public final class Languages {
  static final Languages BUILT_IN = new Languages(Language.BUILT_IN);

  private final List<Language> all;
  private final List<String> tags;

  /// @param all the first being what readers of none of them get
  Languages(List<Language> all) {
    this.all = List.copyOf(all);
    this.tags = this.all.stream().map(each -> each.tag().toLowerCase(Locale.ROOT)).toList();
  }

  /// In the order in which a reader without a wish would get them.
  public List<Language> all() {
    return all;
  }

  /// The one with this tag.
  public Optional<Language> find(String tag) {
    int at = tags.indexOf(tag.toLowerCase(Locale.ROOT));
    return at < 0 ? Optional.empty() : Optional.of(all.get(at));
  }

  /// The language that the field likes best, of equals the one named first.
  Language choose(String field) {
    Language best = all.getFirst();
    if (field.isEmpty()) {
      return best;
    }
    int bestWeight = 0;
    for (WeightedList.Element range : WeightedList.elements(field.toLowerCase(Locale.ROOT))) {
      if (range.weight() > bestWeight) {
        int found = lookUp(range.value());
        if (found >= 0) {
          best = all.get(found);
          bestWeight = range.weight();
        }
      }
    }
    return best;
  }

  /// The language of a range: by the whole of it, then by less and less of its end; -1 for none.
  private int lookUp(String range) {
    if (range.equals("*")) {
      return 0;
    }
    String rest = withScript(range);
    while (true) {
      int found = tags.indexOf(rest);
      if (found < 0 && rest.indexOf('-') < 0) {
        return rest.equals(range) || !rest.equals("zh") ? firstOf(rest) : -1;
      }
      if (found >= 0) {
        return found;
      }
      rest = rest.substring(0, rest.lastIndexOf('-'));
    }
  }

  /// A language alone stands for each of its kinds, such as `zh` for `zh-Hans`.
  private int firstOf(String language) {
    for (int i = 0; i < tags.size(); i++) {
      if (tags.get(i).startsWith(language + "-")) {
        return i;
      }
    }
    return -1;
  }

  /// Chinese is told apart by its script; older tags name a region in its stead.
  private static String withScript(String range) {
    if (!range.startsWith("zh-") || range.startsWith("zh-hans") || range.startsWith("zh-hant")) {
      return range;
    }
    return switch (range.substring(3)) {
      case "cn", "sg", "my" -> "zh-hans-" + range.substring(3);
      case "tw", "hk", "mo" -> "zh-hant-" + range.substring(3);
      default -> range;
    };
  }
}

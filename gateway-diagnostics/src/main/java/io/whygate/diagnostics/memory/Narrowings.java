package io.whygate.diagnostics.memory;

import io.whygate.diagnostics.facts.ClientKind;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.RequestFacts;
import io.whygate.diagnostics.memory.Scope.Dimension;
import io.whygate.diagnostics.memory.Scope.Narrowing;
import io.whygate.diagnostics.memory.ValueCounts.Count;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Tells by what stands out what fails: by a few values, or by being large, while all others are
/// answered.
final class Narrowings {
  /// So few failures, or answers of others, say nothing.
  private static final int FEWEST = 3;

  /// So much of what fails may be answered, and of the others fail, and it still stands out.
  private static final int STRAYS = 20;

  /// More values than that are no narrow failure.
  private static final int MOST_VALUES = 3;

  /// Sizes that lie closer together than so many classes may do so by chance.
  private static final int CLASSES_APART = 2;

  /// Bodies below that are no large ones, bytes.
  private static final long LEAST_BODY = 1_024;

  private static final String[] UNITS = {"bytes", "KiB", "MiB", "GiB", "TiB"};

  private final CountedHalf now;
  private final Optional<CountedHalf> before;

  private static final class Sum {
    long failed;
    long answered;
    boolean late;

    boolean fails() {
      return failed >= FEWEST && answered * STRAYS <= failed;
    }
  }

  Narrowings(CountedHalf now, Optional<CountedHalf> before) {
    this.now = now;
    this.before = before;
  }

  private List<CountedHalf> halves() {
    return before.map(each -> List.of(now, each)).orElse(List.of(now));
  }

  long failed() {
    return halves().stream().mapToLong(each -> each.failed.sum()).sum();
  }

  long answered() {
    return halves().stream().mapToLong(each -> each.answered.sum()).sum();
  }

  /// By a few values, this one among them.
  Optional<Narrowing> byValue(Dimension dimension, Object value, int possible) {
    Map<Object, Sum> sums = sums(half -> half.of(dimension));
    Sum one = sums.get(value);
    return one == null || !one.fails() ? Optional.empty() : standsOut(dimension, sums, possible);
  }

  /// By the values that fail most: which one a request had is not among an exchange's facts.
  Optional<Narrowing> byCommonest(Dimension dimension) {
    return standsOut(dimension, sums(half -> half.of(dimension)), -1);
  }

  private Map<Object, Sum> sums(Function<CountedHalf, ValueCounts> of) {
    Map<Object, Sum> sums = new HashMap<>();
    for (CountedHalf half : halves()) {
      of.apply(half).counts().forEach((value, count) -> add(sums, value, count));
    }
    return sums;
  }

  private static void add(Map<Object, Sum> sums, Object value, Count count) {
    Sum sum = sums.computeIfAbsent(value, _ -> new Sum());
    sum.failed += count.failed().sum();
    sum.answered += count.answered().sum();
    sum.late |= count.late();
  }

  private Optional<Narrowing> standsOut(Dimension dimension, Map<Object, Sum> sums, int possible) {
    Sum only = new Sum();
    Sum rest = new Sum();
    List<String> values = new ArrayList<>();
    List<String> others = new ArrayList<>();
    for (Map.Entry<Object, Sum> each : sums.entrySet()) {
      Sum sum = each.getValue();
      Sum into = sum.fails() ? only : rest;
      into.failed += sum.failed;
      into.answered += sum.answered;
      into.late |= sum.late && sum.fails();
      if (sum.fails()) {
        values.add(name(each.getKey()));
      } else if (sum.answered > 0) {
        others.add(name(each.getKey()));
      }
    }
    for (CountedHalf half : halves()) {
      rest.failed += half.of(dimension).rest().failed().sum();
      rest.answered += half.of(dimension).rest().answered().sum();
    }
    boolean tells =
        !values.isEmpty() && values.size() <= MOST_VALUES && !only.late && isApart(only, rest);
    values.sort(null);
    others.sort(null);
    return tells
        ? Optional.of(
            new Narrowing(
                dimension,
                values,
                only.failed,
                only.answered,
                others,
                rest.failed,
                rest.answered,
                possible < 0 ? -1 : possible - values.size()))
        : Optional.empty();
  }

  private static boolean isApart(Sum only, Sum rest) {
    return only.fails() && rest.answered >= FEWEST && rest.failed * STRAYS <= rest.answered;
  }

  private static String name(Object value) {
    return switch (value) {
      case Long client -> HexFormat.of().toHexDigits((int) (client ^ client >>> 32));
      case ClientKind kind -> kind.words();
      case Endpoint server -> server.url();
      default -> value.toString();
    };
  }

  /// By being large: the largest field, else the head as a whole; and the content.
  List<Narrowing> bySize() {
    List<Narrowing> found = new ArrayList<>();
    String name = largestField();
    String field = (name.isEmpty() ? "a field" : "a field " + name) + " of ";
    bySize(Dimension.FIELD, half -> half.fields, RequestFacts.Size.LARGE, field, "fields of up to")
        .or(() ->
            bySize(
                Dimension.HEAD,
                half -> half.heads,
                RequestFacts.Size.LARGE,
                "a head of ",
                "heads of up to"))
        .ifPresent(found::add);
    bySize(Dimension.BODY, half -> half.bodies, LEAST_BODY, "a body of ", "bodies of up to")
        .ifPresent(found::add);
    return found;
  }

  /// The name that the largest field of all that failed has; empty where they differ.
  private String largestField() {
    Map<Object, Sum> sums = sums(half -> half.fieldNames);
    long all = sums.values().stream().mapToLong(each -> each.failed).sum();
    return sums.entrySet().stream()
        .filter(each -> (all - each.getValue().failed) * STRAYS <= all)
        .map(each -> each.getKey().toString())
        .findFirst()
        .orElse("");
  }

  private Optional<Narrowing> bySize(
      Dimension dimension,
      Function<CountedHalf, SizeCounts> of,
      long least,
      String large,
      String small) {
    long[] failed = new long[SizeCounts.CLASSES];
    long[] answered = new long[SizeCounts.CLASSES];
    halves().forEach(half -> of.apply(half).addTo(failed, answered));
    int from = lowest(failed);
    int upTo = highest(answered);
    if (from - upTo < CLASSES_APART || SizeCounts.least(from) < least) {
      return Optional.empty();
    }
    Sum only = new Sum();
    Sum rest = new Sum();
    for (int i = 0; i < SizeCounts.CLASSES; i++) {
      Sum into = i >= from ? only : rest;
      into.failed += failed[i];
      into.answered += answered[i];
    }
    return isApart(only, rest)
        ? Optional.of(
            new Narrowing(
                dimension,
                List.of(large + bytes(SizeCounts.least(from)) + " or more"),
                only.failed,
                only.answered,
                List.of(small + " " + bytes(SizeCounts.least(upTo + 1))),
                rest.failed,
                rest.answered,
                -1))
        : Optional.empty();
  }

  /// A size in words, to a tenth of its unit.
  private static String bytes(long bytes) {
    int unit = 0;
    long inUnit = 1;
    while (bytes / inUnit >= 1_024 && unit < UNITS.length - 1) {
      inUnit *= 1_024;
      unit++;
    }
    long tenths = (bytes * 10 + inUnit / 2) / inUnit;
    String whole = Long.toString(tenths / 10);
    return (tenths % 10 == 0 ? whole : whole + "." + tenths % 10) + " " + UNITS[unit];
  }

  /// The class from which on nearly all lie.
  private static int lowest(long[] counts) {
    long strays = sum(counts) / STRAYS;
    long seen = 0;
    for (int i = 0; i < counts.length; i++) {
      seen += counts[i];
      if (seen > strays) {
        return i;
      }
    }
    return -1;
  }

  /// The class up to which nearly all lie.
  private static int highest(long[] counts) {
    long strays = sum(counts) / STRAYS;
    long seen = 0;
    for (int i = counts.length - 1; i >= 0; i--) {
      seen += counts[i];
      if (seen > strays) {
        return i;
      }
    }
    return counts.length;
  }

  private static long sum(long[] counts) {
    long sum = 0;
    for (long each : counts) {
      sum += each;
    }
    return sum;
  }
}

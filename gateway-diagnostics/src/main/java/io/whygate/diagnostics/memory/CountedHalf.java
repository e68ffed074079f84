package io.whygate.diagnostics.memory;

import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.RequestShape;
import io.whygate.diagnostics.memory.Scope.Dimension;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;

/// What failed and what was answered in half a window, by each dimension.
final class CountedHalf {
  private static final int LONGEST_PATH = 256;
  private static final int FIELD_NAMES = 8;
  private static final Dimension[] BY_VALUE = {
    Dimension.PATH, Dimension.METHOD, Dimension.CLIENT, Dimension.CLIENT_KIND, Dimension.SERVER
  };

  final LongAdder failed = new LongAdder();
  final LongAdder answered = new LongAdder();
  final SizeCounts fields = new SizeCounts();
  final SizeCounts heads = new SizeCounts();
  final SizeCounts bodies = new SizeCounts();

  /// The largest fields of the requests that failed, by name.
  final ValueCounts fieldNames = new ValueCounts(FIELD_NAMES);

  private final Map<Dimension, ValueCounts> byValue = new EnumMap<>(Dimension.class);

  CountedHalf(int values) {
    for (Dimension each : BY_VALUE) {
      byValue.put(each, new ValueCounts(values));
    }
  }

  /// The next half: what failed in this one is counted by itself from its beginning.
  CountedHalf next(int values) {
    CountedHalf next = new CountedHalf(values);
    byValue.forEach((dimension, counts) ->
        counts
            .counts()
            .forEach((value, count) -> {
              if (count.failed().sum() > 0) {
                next.of(dimension).expect(value);
              }
            }));
    return next;
  }

  ValueCounts of(Dimension dimension) {
    ValueCounts counts = byValue.get(dimension);
    if (counts == null) {
      throw new IllegalArgumentException("not counted by value: " + dimension);
    }
    return counts;
  }

  boolean isQuiet() {
    return failed.sum() == 0
        && of(Dimension.SERVER).counts().values().stream()
            .allMatch(each -> each.failed().sum() == 0);
  }

  void failed(RequestShape request) {
    failed.increment();
    values(request, ValueCounts::failed);
    fieldNames.failed(request.largestField());
    sizes(request, true);
  }

  void failedAt(Endpoint server) {
    of(Dimension.SERVER).failed(server);
  }

  void answered(RequestShape request) {
    answered.increment();
    values(request, ValueCounts::answered);
    sizes(request, false);
  }

  void answeredAt(Endpoint server) {
    of(Dimension.SERVER).answered(server);
  }

  private void values(RequestShape request, BiConsumer<ValueCounts, Object> count) {
    count.accept(of(Dimension.PATH), path(request.path()));
    count.accept(of(Dimension.METHOD), request.method());
    count.accept(of(Dimension.CLIENT_KIND), request.kind());
    if (request.client() != 0) {
      count.accept(of(Dimension.CLIENT), request.client());
    }
  }

  private void sizes(RequestShape request, boolean isFailure) {
    fields.count(request.largestFieldBytes(), isFailure);
    heads.count(request.headBytes(), isFailure);
    if (request.bodyBytes() > 0) {
      bodies.count(request.bodyBytes(), isFailure);
    }
  }

  static String path(String path) {
    return path.length() <= LONGEST_PATH ? path : path.substring(0, LONGEST_PATH);
  }
}

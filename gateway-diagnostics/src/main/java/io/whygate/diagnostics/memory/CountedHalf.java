package io.whygate.diagnostics.memory;

import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.RequestShape;
import io.whygate.diagnostics.memory.Scope.Dimension;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

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
    of(Dimension.PATH).failed(path(request));
    of(Dimension.METHOD).failed(request.method());
    of(Dimension.CLIENT_KIND).failed(request.kind());
    if (request.client() != 0) {
      of(Dimension.CLIENT).failed(request.client());
    }
    fieldNames.failed(request.largestField());
    sizes(request, true);
  }

  void failedAt(Endpoint server) {
    of(Dimension.SERVER).failed(server);
  }

  void answered(RequestShape request) {
    answered.increment();
    of(Dimension.PATH).answered(path(request));
    of(Dimension.METHOD).answered(request.method());
    of(Dimension.CLIENT_KIND).answered(request.kind());
    if (request.client() != 0) {
      of(Dimension.CLIENT).answered(request.client());
    }
    sizes(request, false);
  }

  void answeredAt(Endpoint server) {
    of(Dimension.SERVER).answered(server);
  }

  private void sizes(RequestShape request, boolean isFailure) {
    fields.count(request.largestFieldBytes(), isFailure);
    heads.count(request.headBytes(), isFailure);
    if (request.bodyBytes() > 0) {
      bodies.count(request.bodyBytes(), isFailure);
    }
  }

  static String path(RequestShape request) {
    return path(request.path());
  }

  static String path(String path) {
    return path.length() <= LONGEST_PATH ? path : path.substring(0, LONGEST_PATH);
  }
}

package io.whygate.gateway;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Fails a test class in which Netty found a buffer that was collected without having been
/// released; active for every test of this module (see `META-INF/services`).
///
/// A leak shows when the collector has run, so that it may be reported by a class that comes after
/// the one that made it: the report names the places that touched the buffer.
public final class LeakCheck implements BeforeAllCallback, AfterAllCallback {
  private static final int ROUNDS = 3;

  @Override
  public void beforeAll(ExtensionContext context) {
    if (!(ResourceLeakDetectorFactory.instance() instanceof Leaks)) {
      ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new Leaks());
    }
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (!(ResourceLeakDetectorFactory.instance() instanceof Leaks leaks)) {
      throw new AssertionError("another leak detector took the place of this one");
    }
    List<String> found = leaks.collect();
    if (!found.isEmpty()) {
      throw new AssertionError(found.size() + " leaked: " + String.join("\n", found));
    }
  }

  /// Makes detectors that remember what they report.
  static final class Leaks extends ResourceLeakDetectorFactory {
    private final ConcurrentLinkedQueue<String> reports = new ConcurrentLinkedQueue<>();

    @Override
    @SuppressWarnings("deprecation")
    public <T> ResourceLeakDetector<T> newResourceLeakDetector(
        Class<T> resource, int samplingInterval, long maxActive) {
      return new ResourceLeakDetector<T>(resource, samplingInterval) {
        @Override
        protected boolean needReport() {
          return true;
        }

        @Override
        protected void reportTracedLeak(String resourceType, String records) {
          reports.add(resourceType + records);
        }

        @Override
        protected void reportUntracedLeak(String resourceType) {
          reports.add(resourceType);
        }
      };
    }

    /// What was reported since the last call, garbage of this moment included.
    List<String> collect() {
      for (int i = 0; i < ROUNDS; i++) {
        System.gc();
        ByteBufAllocator.DEFAULT.buffer(1).release();
      }
      List<String> found = new ArrayList<>();
      for (String each = reports.poll(); each != null; each = reports.poll()) {
        found.add(each);
      }
      return found;
    }
  }
}

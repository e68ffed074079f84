package io.whygate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetectorFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LeakCheckTest {

  @Test
  void findsBufferThatNobodyReleased() {
    LeakCheck.Leaks leaks = (LeakCheck.Leaks) ResourceLeakDetectorFactory.instance();
    forgetBuffer();
    List<String> found = new ArrayList<>();
    for (int i = 0; i < 50 && found.isEmpty(); i++) {
      found.addAll(leaks.collect());
    }
    assertThat(found).singleElement().asString().contains("forgetBuffer");
  }

  @Test
  void saysNothingOfBufferInUse() {
    LeakCheck.Leaks leaks = (LeakCheck.Leaks) ResourceLeakDetectorFactory.instance();
    ByteBuf kept = ByteBufAllocator.DEFAULT.buffer(16);
    assertThat(leaks.collect()).isEmpty();
    kept.release();
  }

  private static void forgetBuffer() {
    ByteBufAllocator.DEFAULT.buffer(16).writeInt(1);
  }
}

package io.whygate.benchmarks.sharing;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.ArrayStoreInstruction;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.MonitorInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.instrument.ClassFileTransformer;
import java.lang.reflect.AccessFlag;
import java.security.ProtectionDomain;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Puts a call of [Writes#to] before each write to a field or an array, each atomic operation and
/// each lock in the gateway, Netty, Caffeine and `java.util.concurrent`; what the rest of Java
/// writes is not seen. Constructors are left out: nobody else sees their object yet.
final class WriteTracing implements ClassFileTransformer {
  private static final Pattern TRACED =
      Pattern.compile(
          "(io/whygate/(?!benchmarks/)|io/netty/|com/github/benmanes/|java/util/concurrent/).*");

  /// What writes through them names the object first.
  private static final Set<String> WRITERS =
      Set.of(
          "java/lang/invoke/VarHandle",
          "jdk/internal/misc/Unsafe",
          "sun/misc/Unsafe",
          "java/util/concurrent/atomic/AtomicIntegerFieldUpdater",
          "java/util/concurrent/atomic/AtomicLongFieldUpdater",
          "java/util/concurrent/atomic/AtomicReferenceFieldUpdater");

  private static final Pattern WRITE =
      Pattern.compile(
          "(weakCompareAnd|compareAnd|getAnd|set|put|lazySet|increment|decrement|add).*");
  private static final ClassDesc RECORDER = ClassDesc.of(Writes.class.getName());
  private static final MethodTypeDesc TO =
      MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_Object, ConstantDescs.CD_int);

  /// Classes are looked for as files: to load them in the middle of loading another will not do.
  private final ClassFile classes =
      ClassFile.of(
          ClassFile.ClassHierarchyResolverOption.of(
              ClassHierarchyResolver.ofResourceParsing(ClassLoader.getSystemClassLoader())
                  .orElse(ClassHierarchyResolver.defaultResolver())
                  .cached(ConcurrentHashMap::new)));

  static boolean traces(String internalName) {
    return TRACED.matcher(internalName).matches();
  }

  @Override
  public byte @Nullable [] transform(
      @Nullable ClassLoader loader,
      String name,
      @Nullable Class<?> before,
      @Nullable ProtectionDomain domain,
      byte[] bytes) {
    if (name == null || !traces(name)) {
      return null;
    }
    try {
      ClassModel model = classes.parse(bytes);
      return classes.transformClass(model, tracing(name));
    } catch (RuntimeException e) {
      // The JVM drops what a transformer throws.
      System.err.println("not traced: " + name + ": " + e);
      return null;
    }
  }

  private static ClassTransform tracing(String name) {
    return (builder, element) -> {
      if (element instanceof MethodModel method
          && method.code().isPresent()
          && method.methodName().stringValue().charAt(0) != '<') {
        String place = name.substring(name.lastIndexOf('/') + 1) + "." + method.methodName();
        builder.transformMethod(
            method,
            MethodTransform.transformingCode(
                new Code(ClassDesc.ofInternalName(name), method, Writes.site(place))));
      } else {
        builder.with(element);
      }
    };
  }

  /// Traces one method.
  private static final class Code implements CodeTransform {
    private final ClassDesc owner;
    private final boolean locks;
    private final boolean isStatic;
    private final int site;

    Code(ClassDesc owner, MethodModel method, int site) {
      this.owner = owner;
      this.locks = method.flags().has(AccessFlag.SYNCHRONIZED);
      this.isStatic = method.flags().has(AccessFlag.STATIC);
      this.site = site;
    }

    @Override
    public void atStart(CodeBuilder code) {
      if (locks && isStatic) {
        code.ldc(owner);
        report(code);
      } else if (locks) {
        code.aload(0);
        report(code);
      }
    }

    @Override
    public void accept(CodeBuilder code, CodeElement element) {
      switch (element) {
        case FieldInstruction field when field.opcode() == Opcode.PUTFIELD ->
            below(code, List.of(TypeKind.from(field.typeSymbol())));
        case FieldInstruction field when field.opcode() == Opcode.PUTSTATIC -> {
          // A static field lies with its class.
          code.ldc(field.owner().asSymbol());
          report(code);
        }
        case ArrayStoreInstruction store ->
            below(code, List.of(TypeKind.INT, store.typeKind().asLoadable()));
        case MonitorInstruction monitor when monitor.opcode() == Opcode.MONITORENTER -> {
          code.dup();
          report(code);
        }
        case InvokeInstruction call when namesObjectFirst(call) ->
            below(
                code,
                call.typeSymbol().parameterList().stream().skip(1).map(TypeKind::from).toList());
        default -> {
          // It writes to nothing that others see.
        }
      }
      code.with(element);
    }

    private static boolean namesObjectFirst(InvokeInstruction call) {
      return call.opcode() == Opcode.INVOKEVIRTUAL
          && WRITERS.contains(call.owner().asInternalName())
          && WRITE.matcher(call.name().stringValue()).matches()
          && call.typeSymbol().parameterCount() > 1
          && !call.typeSymbol().parameterType(0).isPrimitive();
    }

    /// Reports the object that lies on the stack below values of these kinds.
    private void below(CodeBuilder code, List<TypeKind> values) {
      int[] kept = new int[values.size()];
      for (int i = kept.length - 1; i >= 0; i--) {
        kept[i] = code.allocateLocal(values.get(i));
        code.storeLocal(values.get(i), kept[i]);
      }
      code.dup();
      report(code);
      for (int i = 0; i < kept.length; i++) {
        code.loadLocal(values.get(i), kept[i]);
      }
    }

    private void report(CodeBuilder code) {
      code.loadConstant(site).invokestatic(RECORDER, "to", TO);
    }
  }
}

package io.flowstate.app;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import ai.onnxruntime.OrtEnvironment;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.lang.reflect.Field;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;

/**
 * The rules of the house that a compiler does not know: which module may use which, and who may open connections, pools and processes.
 * The tools in bench are exempt, and not even here when this runs: they stand above everything, and it is their trade to start programs, to ask servers and to print.
 */
@AnalyzeClasses(packages = "io.flowstate", importOptions = ImportOption.DoNotIncludeTests.class)
final class HouseTest {
    private static final DescribedPredicate<JavaClass> POOLS = describe(
            "thread pools",
            type -> type.isAssignableTo(ThreadPoolExecutor.class)
                    || type.isAssignableTo(ForkJoinPool.class)
                    || type.isEquivalentTo(Executors.class)
                    || type.isEquivalentTo(ScheduledThreadPoolExecutor.class));

    /** Locks between threads that guard the process's file locks belong to the process, as those do; see Locks. */
    private static final Set<String> EXCEPTIONS = Set.of("io.flowstate.models.Locks.PERMITS");

    @ArchTest
    static final ArchRule arrows_point_down = layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage("io.flowstate..")
            .layer("app")
            .definedBy("io.flowstate.app..")
            .layer("server")
            .definedBy("io.flowstate.server..")
            .layer("engine")
            .definedBy("io.flowstate.engine..")
            .layer("jobs")
            .definedBy("io.flowstate.jobs..")
            .layer("models")
            .definedBy("io.flowstate.models..")
            .layer("storage")
            .definedBy("io.flowstate.storage..")
            .layer("egress")
            .definedBy("io.flowstate.egress..")
            .layer("audio")
            .definedBy("io.flowstate.audio..")
            .layer("core")
            .definedBy("io.flowstate.core..")
            .layer("testkit")
            .definedBy("io.flowstate.testkit..")
            .whereLayer("app")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("server")
            .mayOnlyBeAccessedByLayers("app")
            .whereLayer("engine")
            .mayOnlyBeAccessedByLayers("app")
            .whereLayer("jobs")
            .mayOnlyBeAccessedByLayers("server", "app")
            .whereLayer("models")
            .mayOnlyBeAccessedByLayers("app")
            .whereLayer("storage")
            .mayOnlyBeAccessedByLayers("jobs", "app")
            .whereLayer("egress")
            .mayOnlyBeAccessedByLayers("jobs", "server", "app")
            .whereLayer("audio")
            .mayOnlyBeAccessedByLayers("engine", "app")
            .whereLayer("testkit")
            .mayNotBeAccessedByAnyLayer();

    @ArchTest
    static final ArchRule core_depends_on_no_module = noClasses()
            .that()
            .resideInAPackage("io.flowstate.core..")
            .should()
            .dependOnClassesThat(
                    resideInAnyPackage("io.flowstate..").and(not(resideInAnyPackage("io.flowstate.core.."))));

    @ArchTest
    static final ArchRule only_models_egress_and_the_command_s_one_client_talk_http_as_clients = noClasses()
            .that()
            .resideOutsideOfPackages("io.flowstate.models..", "io.flowstate.egress..")
            .and(describe(
                    "not the client of the command",
                    type -> !type.getName().matches("io\\.flowstate\\.app\\.ServerHttp(\\$.*)?")))
            .should()
            .dependOnClassesThat(
                    resideInAnyPackage("java.net.http..", "org.apache.hc..", "org.eclipse.jetty.client..", "okhttp3..")
                            .or(simpleName("HttpURLConnection"))
                            .or(simpleName("URLConnection")));

    @ArchTest
    static final ArchRule only_the_engine_s_lane_sqlite_the_worker_name_look_ups_and_the_timer_are_pools = noClasses()
            .that(not(describe(
                    "named",
                    type -> Set.of(
                                    "io.flowstate.engine.Lane",
                                    "io.flowstate.app.Wiring",
                                    "io.flowstate.storage.SqliteLink",
                                    "io.flowstate.storage.WriteLine",
                                    "io.flowstate.jobs.Courier",
                                    "io.flowstate.jobs.Worker",
                                    "io.flowstate.egress.BoundedLookup")
                            .contains(type.getName()))))
            .should()
            .dependOnClassesThat(POOLS);

    @ArchTest
    static final ArchRule only_ffmpeg_s_launcher_and_the_package_clients_start_processes = noClasses()
            .that(not(describe(
                    "named",
                    type -> Set.of("io.flowstate.audio.Child", "io.flowstate.models.ChildProcess")
                            .contains(type.getName()))))
            .should()
            .dependOnClassesThat(simpleName("ProcessBuilder"))
            .orShould()
            .callMethodWhere(describe(
                    "starts a program",
                    (JavaMethodCall call) -> call.getTargetOwner().isEquivalentTo(Runtime.class)
                            && call.getName().equals("exec")));

    @ArchTest
    static final ArchRule only_the_engine_starts_the_runtime_which_reports_to_its_makers_unless_told_not_to =
            noClasses()
                    .that(not(describe("named", type -> type.getName().equals("io.flowstate.engine.OnnxRuntime"))))
                    .should()
                    .callMethod(OrtEnvironment.class, "getEnvironment");

    @ArchTest
    static final ArchRule nobody_prints_past_the_terminal =
            noClasses().should().accessField(System.class, "out").orShould().accessField(System.class, "err");

    @ArchTest
    static final ArchRule nothing_static_changes =
            fields().that().areStatic().should().beFinal().allowEmptyShould(true);

    @ArchTest
    static final ArchRule no_static_field_holds_what_can_change = fields().that()
            .areStatic()
            .and(describe(
                    "not made by the compiler",
                    (JavaField field) -> !field.getModifiers().contains(JavaModifier.SYNTHETIC)))
            .should(new ArchCondition<JavaField>("be a constant") {
                @Override
                public void check(JavaField field, ConditionEvents events) {
                    if (!EXCEPTIONS.contains(field.getFullName())
                            && (holdsState(field.getRawType()) || holdsOpenCollection(field))) {
                        events.add(SimpleConditionEvent.violated(
                                field,
                                field.getFullName() + " holds a "
                                        + field.getRawType().getName()));
                    }
                }
            });

    @ArchTest
    static final ArchRule names_say_what_a_class_is =
            noClasses().should().haveNameMatching(".*(Utils?|Helpers?|Manager|Impl|Base|Common)$");

    /** A constant's type does not tell whether it can be changed; what it holds does. */
    private static boolean holdsOpenCollection(JavaField field) {
        if (!field.getRawType().isAssignableTo(Map.class) && !field.getRawType().isAssignableTo(Collection.class)) {
            return false;
        }
        try {
            Field reflected = field.reflect();
            reflected.setAccessible(true);
            String kind = reflected.get(null).getClass().getName();
            return !kind.startsWith("java.util.ImmutableCollections$") && !kind.contains("$Unmodifiable");
        } catch (IllegalAccessException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static boolean holdsState(JavaClass type) {
        return type.isAssignableTo("java.util.concurrent.atomic.AtomicInteger")
                || type.isAssignableTo("java.util.concurrent.atomic.AtomicLong")
                || type.isAssignableTo("java.util.concurrent.atomic.AtomicReference")
                || type.isAssignableTo("java.util.concurrent.ConcurrentMap")
                || type.isAssignableTo("java.util.ArrayList")
                || type.isAssignableTo("java.util.HashMap")
                || type.isAssignableTo("java.util.concurrent.Executor")
                || type.isAssignableTo("java.lang.ThreadLocal");
    }
}

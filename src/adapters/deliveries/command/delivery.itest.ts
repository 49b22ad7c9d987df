import { openCommandBench } from "../../../testing/suites/command-bench.ts";
import { describeStagingDelivery } from "../../../testing/suites/delivery-suite.ts";

describeStagingDelivery("command", openCommandBench, { sequences: 2 });

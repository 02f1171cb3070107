export { hourOfLocal as hourOfDay, isWeekend } from '../rows/calendar.js';
